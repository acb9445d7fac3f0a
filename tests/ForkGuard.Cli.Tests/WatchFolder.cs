using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>A folder of manifests that everyone may read, and that is gone after the test.</summary>
internal sealed class WatchFolder : IDisposable
{
    public WatchFolder()
    {
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(
                Root,
                UnixFileMode.UserRead
                    | UnixFileMode.UserWrite
                    | UnixFileMode.UserExecute
                    | UnixFileMode.OtherRead
                    | UnixFileMode.OtherExecute
            );
        }
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("forkguard-watch-").FullName;

    public string Command { get; } = Victim.UniqueName();

    /// <summary>With a watch of this folder's command, at 70 percent.</summary>
    public static WatchFolder OfItsCommand(int? holdSeconds = null)
    {
        var folder = new WatchFolder();
        folder.WriteHost("host", $"{{commands: [{folder.Command}]}}", holdSeconds);
        return folder;
    }

    public void WriteHost(string name, string hostProcesses, int? holdSeconds = null)
    {
        var hold = holdSeconds is { } seconds ? $"\n  holdSeconds: {seconds}" : "";
        Write($"{name}.yaml", Manifest("ClusterForkWatch", name, $"hostProcesses: {hostProcesses}{hold}"));
    }

    /// <summary>A watch, with warnAtPercent 70.</summary>
    public static string Manifest(string kind, string name, string spec) =>
        $"""
            apiVersion: forkguard.io/v1alpha1
            kind: {kind}
            metadata:
              name: {name}
            spec:
              warnAtPercent: 70
              {spec}

            """;

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(Root, file), text);

    /// <summary>A victim with this folder's command, of one mapping.</summary>
    public Task<Victim> StartVictimAsync(long pages) =>
        Victim.StartAsync(VictimLayout.Merged, pages, Command, cancellationToken: Check.Stop);

    public Task<ProgramResult> WatchOnceAsync(bool asNobody = false, string format = "text") =>
        ForkGuardBinary.RunAsync(
            ["watch", "-f", Root, "--once", "-o", format],
            asNobody,
            cancellationToken: Check.Stop
        );

    public ForkGuardProcess Watch(string format = "text") =>
        ForkGuardProcess.Start(["watch", "-f", Root, "--interval", "1", "-o", format]);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
