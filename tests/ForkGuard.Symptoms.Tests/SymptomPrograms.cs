using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Symptoms.Tests;

/// <summary>A root folder with unpacked Debian programs, shared and never written, and the files of tests/symptoms.</summary>
public sealed class SymptomPrograms : IAsyncLifetime
{
    /// <summary>The path of the Java launcher below <see cref="Root" />.</summary>
    internal const string Java = "/usr/lib/jvm/java-17-openjdk-amd64/bin/java";

    private static readonly TimeSpan FetchLimit = TimeSpan.FromMinutes(10);

    /// <summary>The root folder in the cache.</summary>
    internal string Root { get; private set; } = "";

    /// <summary>A library that, loaded with a program, reserves adjacent mappings that merge to more than RAM and swap.</summary>
    internal string ReserveLibrary { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        using CancellationTokenSource limit = new(FetchLimit);
        var fetched = await RunAsync(File("fetch-programs"), [], limit.Token);
        Root = fetched.StandardOutput.Trim();
        ReserveLibrary = Path.Combine(RepositoryPaths.Artifacts, "symptoms", "reserve.so");
        Directory.CreateDirectory(Path.GetDirectoryName(ReserveLibrary)!);
        await RunAsync(
            "cc",
            ["-shared", "-fPIC", "-Wall", "-Werror", "-o", ReserveLibrary, File("reserve.c")],
            limit.Token
        );
    }

    internal static string File(string name) => Path.Combine(RepositoryPaths.Root, "tests", "symptoms", name);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<BufferedCommandResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken
    )
    {
        var result = await Cli.Wrap(program)
            .WithArguments(arguments)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(cancellationToken);
        return result.ExitCode == 0
            ? result
            : throw new InvalidOperationException($"{program}: {result.StandardError.Trim()}");
    }
}
