using System.Globalization;
using System.Text;

namespace ForkGuard.Testing;

/// <summary>The files of one process and of the machine, copied out of /proc as one would take them along.</summary>
public sealed class CapturedProc : IDisposable
{
    private static readonly string[] OfTheMachine =
    [
        "meminfo",
        "stat",
        "vmstat",
        "zoneinfo",
        "sys/kernel/osrelease",
        "sys/vm/overcommit_memory",
        "sys/vm/admin_reserve_kbytes",
        "sys/vm/user_reserve_kbytes",
    ];

    private static readonly string[] OfTheProcess = ["statm", "maps", "smaps", "stat", "status", "cgroup"];

    private readonly int _pid;

    private CapturedProc(int pid) => _pid = pid;

    public string Root { get; } = Directory.CreateTempSubdirectory("forkguard-captured-").FullName;

    public static CapturedProc Of(int pid)
    {
        var captured = new CapturedProc(pid);
        foreach (var file in OfTheMachine.Concat(OfTheProcess.Select(f => $"{pid}/{f}")))
        {
            var copy = Path.Combine(captured.Root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, File.ReadAllBytes($"/proc/{file}"));
        }

        return captured;
    }

    /// <summary>The path of a file of the process.</summary>
    public string FileOf(string name) => Path.Combine(Root, _pid.ToString(CultureInfo.InvariantCulture), name);

    /// <summary>Where in smaps the flags of a mapping stand: the first byte of their line, and the byte behind it.</summary>
    public (int Start, int End) FlagsOf(MappedRange range)
    {
        var smaps = Encoding.UTF8.GetString(File.ReadAllBytes(FileOf("smaps")));
        var header = smaps.IndexOf($"{range.Start:x}-{range.End:x} ", StringComparison.Ordinal);
        var start = smaps.IndexOf("VmFlags:", header, StringComparison.Ordinal);
        return (start, smaps.IndexOf('\n', start) + 1);
    }

    /// <summary>Leaves so many bytes of smaps.</summary>
    public void CutSmaps(int bytes)
    {
        using var smaps = File.OpenWrite(FileOf("smaps"));
        smaps.SetLength(bytes);
    }

    public Task<CheckAnswer> CheckAsync() => Check.InJsonAsync(_pid, more: ["--proc", Root]);

    public Task<ProgramResult> CheckInWordsAsync() =>
        ForkGuardBinary.RunAsync(["check", Check.Text(_pid), "--proc", Root], cancellationToken: Check.Stop);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
