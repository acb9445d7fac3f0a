using System.Text;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Cli.Recording;

/// <summary>The files of a record in a temporary folder, which the readers of a live machine read.</summary>
internal sealed class RecordedTree : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-");

    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal RecordedTree(CheckRecord record)
    {
        try
        {
            foreach (var (name, text) in record.Files)
            {
                File.WriteAllBytes(Make(name), Encoding.Latin1.GetBytes(text));
            }

            foreach (var (name, target) in record.Links)
            {
                File.CreateSymbolicLink(Make(name), target);
            }

            Directory.CreateDirectory(Path.Combine(_folder.FullName, "cgroup"));
            Proc = new ProcRoot(Path.Combine(_folder.FullName, "proc"));
            Cgroups = new CgroupRoot(Proc, Path.Combine(_folder.FullName, "cgroup"), maxHeld: 0, ownPid: record.Pid);
        }
        catch
        {
            _folder.Delete(recursive: true);
            throw;
        }
    }

    internal ProcRoot Proc { get; }

    internal CgroupRoot Cgroups { get; }

    public void Dispose()
    {
        Cgroups.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Make(string name)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
