using CliWrap;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The images that the tests run, as archives for a node to import.</summary>
internal static class Images
{
    public const string Registry = "forkguard.test";
    public const string Tag = "test";
    public const string Victim = Registry + "/victim:" + Tag;

    // NativeAOT takes minutes, and the base images are made at the first time.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);

    private static readonly string Folder = Path.Combine(RepositoryPaths.Artifacts, "images");

    /// <summary>Builds what changed, and returns the archives of agent, controller and victim.</summary>
    public static async Task<IReadOnlyList<string>> BuildAsync()
    {
        using CancellationTokenSource limit = new(Limit);
        await using Stream terminal = Console.OpenStandardError();
        await Cli.Wrap(Shell.Script("build-images"))
            .WithArguments([Folder])
            .WithStandardErrorPipe(PipeTarget.ToStream(terminal))
            .ExecuteAsync(limit.Token);

        string victim = Path.Combine(Folder, "victim.tar");
        await Cli.Wrap(Shell.Script("scratch-image"))
            .WithArguments([Victim, await VictimBuild.GetAsync()])
            .WithStandardOutputPipe(PipeTarget.ToFile(victim))
            .ExecuteAsync(limit.Token);
        return [Path.Combine(Folder, "agent.tar"), Path.Combine(Folder, "controller.tar"), victim];
    }
}
