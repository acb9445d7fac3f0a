using System.Globalization;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Cgroups;

/// <summary>A /proc and cgroup file systems written to a folder, for layouts that the running kernel does not have.</summary>
internal sealed class CapturedCgroups : IDisposable
{
    internal const int OwnPid = 42;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-cgroups-");

    internal CapturedCgroups()
    {
        Directory.CreateDirectory(Root);
        Proc = new ProcRoot(Path.Combine(_folder.FullName, "proc"));
    }

    internal string Root => Path.Combine(_folder.FullName, "cgroup");

    internal ProcRoot Proc { get; }

    internal string PathOf(string name) => Path.Combine(Root, name.TrimStart('/'));

    internal void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), content);
    }

    internal void WriteProc(string name, string content)
    {
        var path = Path.Combine(Proc.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    /// <summary>A v2 hierarchy at the root, in which this reader is in <paramref name="ownFolder"/>.</summary>
    internal void AddUnified(string ownFolder, string? shownAs = null)
    {
        Write("cgroup.controllers", "cpu memory pids\n");
        Write($"{ownFolder}/cgroup.procs", string.Create(CultureInfo.InvariantCulture, $"7\n{OwnPid}\n"));
        WriteProc($"{OwnPid}/cgroup", $"0::{shownAs ?? ownFolder}\n");
    }

    internal CgroupRoot Open() => new(Proc, Root, maxHeld: 16, OwnPid);

    public void Dispose() => _folder.Delete(recursive: true);
}
