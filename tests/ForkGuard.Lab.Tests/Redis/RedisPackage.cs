using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Redis;

/// <summary>Debian's Redis, unpacked in the cache by tests/lab/fetch-redis.</summary>
internal static class RedisPackage
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>What a guest needs to run and to watch it: paths there, and what is copied.</summary>
    /// <exception cref="InvalidOperationException">It cannot be had; the message is the script's own.</exception>
    internal static async Task<IReadOnlyDictionary<string, string>> FetchAsync()
    {
        var lab = Path.Combine(RepositoryPaths.Root, "tests", "lab");
        using CancellationTokenSource limit = new(Limit);
        var result = await Cli.Wrap(Path.Combine(lab, "fetch-redis"))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException(result.StandardError.Trim());
        }

        Dictionary<string, string> files = new(StringComparer.Ordinal)
        {
            [GuestRedis.Configuration] = Path.Combine(lab, "redis.conf"),
            [GuestRedis.Manifest] = Path.Combine(lab, "redis.yaml"),
        };
        foreach (var line in result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', 2);
            files[words[0]] = words[1];
        }

        return files;
    }
}
