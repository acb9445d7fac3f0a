using System.Globalization;
using System.Text;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>A /proc written to a folder, for what the running kernel cannot be made to show.</summary>
internal sealed class CapturedProc : IDisposable
{
    internal static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-proc-");

    internal CapturedProc(
        int mode = 0,
        string release = "6.12.1",
        ulong memTotalKilobytes = 4 << 20,
        ulong commitLimitKilobytes = 2 << 20,
        ulong committedKilobytes = 0,
        ulong swapTotalKilobytes = 0
    )
    {
        LimitPages = memTotalKilobytes / 4;
        WriteSystem("sys/vm/overcommit_memory", $"{mode}\n");
        WriteSystem("sys/vm/admin_reserve_kbytes", "8192\n");
        WriteSystem("sys/vm/user_reserve_kbytes", "131072\n");
        WriteSystem("sys/kernel/osrelease", release + "\n");
        WriteSystem("stat", "cpu  1 2 3\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n");
        WriteSystem(
            "meminfo",
            $"MemTotal: {memTotalKilobytes} kB\nSwapTotal: {swapTotalKilobytes} kB\nSwapFree: 0 kB\nCommitLimit: {commitLimitKilobytes} kB\nCommitted_AS: {committedKilobytes} kB\n"
        );
        Root = new ProcRoot(_folder.FullName);
    }

    internal ProcRoot Root { get; }

    /// <summary>RAM plus swap in pages of 4 KiB.</summary>
    internal ulong LimitPages { get; }

    internal KernelState State
    {
        get
        {
            Assert.True(new KernelStateReader(Root).TryRead(out var state, out var problem), problem);
            return state;
        }
    }

    internal string PathOf(string name) => Path.Combine(_folder.FullName, name);

    internal void WriteSystem(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), content);
    }

    internal void AddProcess(int pid, CapturedProcess process)
    {
        var text = pid.ToString(CultureInfo.InvariantCulture);
        Directory.CreateDirectory(PathOf(text));
        WriteSystem(
            $"{text}/statm",
            process.StatmText ?? $"{process.SizePages} {process.ResidentPages} 1 1 0 {process.DataPages} 0\n"
        );
        Write(
            $"{text}/stat",
            process.StatBytes,
            $"{pid} ({process.Command}) S {process.Parent} 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 {process.StartTime} 0 0 0 1 2 {process.StartStack} 0 0\n"
        );
        Write($"{text}/maps", process.MapsBytes, string.Concat(process.Areas.Select(a => a.Header + "\n")));
        Write($"{text}/smaps", process.SmapsBytes, string.Concat(process.Areas.Select(a => a.InSmaps)));
        WriteSystem($"{text}/status", $"Name:\tx\nCapEff:\t{process.Capabilities:x16}\n");
        Directory.CreateDirectory(PathOf($"{text}/ns"));
        File.Delete(PathOf($"{text}/ns/user"));
        File.CreateSymbolicLink(PathOf($"{text}/ns/user"), $"user:[{process.UserNamespace}]");
    }

    internal void RemoveProcess(int pid) =>
        Directory.Delete(PathOf(pid.ToString(CultureInfo.InvariantCulture)), recursive: true);

    internal ProcessReading Inspect(int pid, OvercommitMode? mode = null) =>
        new ProcessInspector(Root).Inspect(pid, State, mode ?? State.Mode, levelPercent: 0, Noon);

    public void Dispose() => _folder.Delete(recursive: true);

    private void Write(string name, byte[]? bytes, string text) =>
        File.WriteAllBytes(PathOf(name), bytes ?? Encoding.UTF8.GetBytes(text));
}

/// <summary>A process of a captured tree.</summary>
internal sealed record CapturedProcess
{
    internal const ulong InitialUserNamespace = 4026531837;

    private readonly ulong? _sizePages;

    internal ulong SizePages
    {
        get => _sizePages ?? (ulong)Areas.Sum(a => (long)a.Pages);
        init => _sizePages = value;
    }

    internal ulong ResidentPages { get; init; } = 1;

    /// <summary>As the kernel counts it: what is private and writable.</summary>
    internal ulong DataPages => (ulong)Areas.Where(a => a.Permissions is [_, 'w', _, 'p']).Sum(a => (long)a.Pages);

    internal string Command { get; init; } = "captured";
    internal ulong StartTime { get; init; } = 4711;
    internal int Parent { get; init; } = 1;
    internal ulong StartStack { get; init; }
    internal IReadOnlyList<CapturedArea> Areas { get; init; } = [];
    internal ulong Capabilities { get; init; }
    internal ulong UserNamespace { get; init; } = InitialUserNamespace;
    internal string? StatmText { get; init; }
    internal byte[]? StatBytes { get; init; }
    internal byte[]? MapsBytes { get; init; }
    internal byte[]? SmapsBytes { get; init; }
}

/// <summary>A mapping of a captured process; the addresses follow from the first page.</summary>
internal sealed record CapturedArea(
    ulong FirstPage,
    ulong Pages,
    string Flags,
    string Permissions = "rw-p",
    string Name = ""
)
{
    internal string Header =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{FirstPage << 12:x8}-{(FirstPage + Pages) << 12:x8} {Permissions} 00000000 00:00 0                          {Name}"
        );

    internal string InSmaps => $"{Header}\nSize: {Pages * 4} kB\nRss: 0 kB\nVmFlags: {Flags} \n";
}
