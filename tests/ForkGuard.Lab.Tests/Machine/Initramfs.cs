using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>
/// All files of a guest: its init, the victim, the forker, the saver, the published forkguard with its libraries, manifests, and what a test adds.
/// </summary>
internal static class Initramfs
{
    internal const string Init = "/init";
    internal const string Victim = "/victim";
    internal const string Forker = "/forker";
    internal const string Saver = "/saver";
    internal const string ForkGuard = "/forkguard";
    internal const string Manifest = "/watch.yaml";
    internal const string SaveManifest = "/save.yaml";
    internal const string RamDisk = "/brd.ko";

    /// <summary>Every host process, at once: the guest has no pods and no time to hold.</summary>
    private const string ManifestText = """
        apiVersion: forkguard.io/v1alpha1
        kind: ClusterForkWatch
        metadata:
          name: lab
        spec:
          hostProcesses: {}
          commands: [victim]
          warnAtPercent: 90
          clearBelowPercent: 85
          holdSeconds: 0
        """;

    internal static async Task<string> BuildAsync(
        LabKernel kernel,
        string name,
        IReadOnlyDictionary<string, string> files
    )
    {
        var path = Path.Combine(RepositoryPaths.Artifacts, "lab", $"{name}.initramfs");
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Dictionary<string, string> programs = new(files, StringComparer.Ordinal)
        {
            [Init] = await CProgram.BuildAsync("lab", "lab-guest"),
            [Victim] = await VictimBuild.GetAsync(),
            [Forker] = await CProgram.BuildAsync("forker", "forker"),
            [Saver] = await CProgram.BuildAsync("saver", "saver"),
            [ForkGuard] = ForkGuardBinary.Path,
            [RamDisk] = Path.Combine(kernel.Folder, "brd.ko"),
        };
        foreach (var program in (string[])[Init, Victim, Forker, Saver, ForkGuard])
        {
            foreach (var library in await LibrariesOf(programs[program]))
            {
                programs[library] = library;
            }
        }

        await using var file = File.Create(path);
        var archive = new CpioArchive(file);
        foreach (
            var folder in (string[])
                [
                    "proc",
                    "sys",
                    "dev",
                    "tmp",
                    .. programs.Keys.SelectMany(FoldersAbove).Distinct(StringComparer.Ordinal),
                ]
        )
        {
            archive.AddDirectory(folder);
        }

        foreach (var (target, source) in programs)
        {
            archive.AddProgram(target[1..], source);
        }

        archive.AddText(Manifest[1..], ManifestText);
        archive.AddText(SaveManifest[1..], ManifestText.Replace("[victim]", "[saver]", StringComparison.Ordinal));
        archive.End();
        return path;
    }

    private static IEnumerable<string> FoldersAbove(string path)
    {
        for (var slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[1..slash];
        }
    }

    /// <summary>What ldd(1) lists, the loader among it; nothing for a static program.</summary>
    private static async Task<IEnumerable<string>> LibrariesOf(string program)
    {
        var result = await Cli.Wrap("ldd")
            .WithArguments([program])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync();
        return result
            .StandardOutput.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.StartsWith('/') && File.Exists(word));
    }
}
