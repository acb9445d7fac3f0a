using System.Text;
using CliWrap;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The images that the tests run, as archives for a node to import.</summary>
internal static class Images
{
    public const string Registry = "forkguard.test";
    public const string Tag = "test";
    public const string Victim = Registry + "/victim:" + Tag;
    public const string Redis = Registry + "/redis:" + Tag;
    public const string Valkey = Registry + "/valkey:" + Tag;

    // NativeAOT takes minutes, and the base images are made at the first time.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);

    private static readonly string Folder = Path.Combine(RepositoryPaths.Artifacts, "images");

    /// <summary>Builds what changed, and returns the archives of agent, controller, victim and servers.</summary>
    public static async Task<IReadOnlyList<string>> BuildAsync()
    {
        using CancellationTokenSource limit = new(Limit);
        await using Stream terminal = Console.OpenStandardError();
        await Cli.Wrap(Shell.Script("build-images"))
            .WithArguments([Folder])
            .WithStandardErrorPipe(PipeTarget.ToStream(terminal))
            .ExecuteAsync(limit.Token);

        return
        [
            Path.Combine(Folder, "agent.tar"),
            Path.Combine(Folder, "controller.tar"),
            await OfProgramsAsync(limit.Token),
            await OfServerAsync(Redis, "bookworm", "redis", limit.Token),
            await OfServerAsync(Valkey, "trixie", "valkey", limit.Token),
        ];
    }

    /// <summary>The image of the victim, which also has the forker.</summary>
    private static async Task<string> OfProgramsAsync(CancellationToken cancellationToken)
    {
        string folder = Path.Combine(Folder, "programs");
        Directory.CreateDirectory(folder);
        foreach (
            string program in (string[])[await VictimBuild.GetAsync(), await CProgram.BuildAsync("forker", "forker")]
        )
        {
            File.Copy(program, Path.Combine(folder, Path.GetFileName(program)), overwrite: true);
        }

        return await FromScratchAsync(Victim, [folder, "/victim"], cancellationToken);
    }

    private static async Task<string> OfServerAsync(
        string image,
        string suite,
        string program,
        CancellationToken cancellationToken
    )
    {
        string server = $"{program}-server";
        await using Stream terminal = Console.OpenStandardError();
        StringBuilder folder = new();
        await Cli.Wrap(Shell.Script("server-image-files"))
            .WithArguments([suite, server, server, $"{program}-cli"])
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(folder))
            .WithStandardErrorPipe(PipeTarget.ToStream(terminal))
            .ExecuteAsync(cancellationToken);
        return await FromScratchAsync(image, [folder.ToString().Trim(), $"/usr/bin/{server}"], cancellationToken);
    }

    private static async Task<string> FromScratchAsync(
        string image,
        IEnumerable<string> content,
        CancellationToken cancellationToken
    )
    {
        string archive = Path.Combine(Folder, image.Split('/', ':')[1] + ".tar");
        await Cli.Wrap(Shell.Script("scratch-image"))
            .WithArguments([image, .. content])
            .WithStandardOutputPipe(PipeTarget.ToFile(archive))
            .ExecuteAsync(cancellationToken);
        return archive;
    }
}
