using System.Text;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Checks;

/// <summary>Tasks of the node and the limits of their number, as of one scan.</summary>
internal sealed class NodeTasks
{
    /// <summary>More forks than any limit of tasks: how many there were is not known.</summary>
    private const ulong TooManyForks = 1UL << 40;

    private bool _isRead;
    private ulong _lastPid;

    /// <summary>
    /// Tasks that exist (<c>nr_threads</c>): /proc/loadavg, field 4, second half (proc_loadavg(5)). 0 if unknown.
    /// </summary>
    internal ulong Tasks { get; private set; }

    /// <summary>
    /// Upper bound of the tasks that were made in the reader's pid namespace and below since the first read: the kernel gives pids
    /// in ascending order (kernel/pid.c <c>alloc_pid</c>), and /proc/loadavg has the last one.
    /// </summary>
    internal ulong Forks { get; private set; }

    /// <summary>kernel.threads-max; 0 if unknown.</summary>
    internal ulong ThreadsMax { get; private set; }

    /// <summary>kernel.pid_max, itself never used as a pid; 0 if unknown.</summary>
    internal ulong PidMax { get; private set; }

    internal string? TasksProblem { get; private set; }

    internal string? ThreadsMaxProblem { get; private set; }

    internal string? PidMaxProblem { get; private set; }

    /// <summary>
    /// All tasks of the node together stay below this percentage of a limit; false if they are unknown.
    /// </summary>
    internal bool StaysBelow(int percent, ulong limit) =>
        TasksProblem is null && (UInt128)Tasks * 100 < (UInt128)limit * (uint)percent;

    internal void Forget() => _isRead = false;

    internal void EnsureRead(ProcRoot proc)
    {
        if (_isRead)
        {
            return;
        }

        _isRead = true;
        Span<byte> buffer = stackalloc byte[128];
        TasksProblem = Read(proc, "loadavg"u8, buffer, out var text);
        Tasks = 0;
        ulong lastPid = 0;
        if (TasksProblem is null)
        {
            TasksProblem = TryParseTasks(text, out var tasks, out lastPid) ? null : "/proc/loadavg is malformed";
            Tasks = tasks;
        }

        ThreadsMaxProblem = ReadNumber(proc, "sys/kernel/threads-max"u8, out var threadsMax);
        ThreadsMax = threadsMax;
        PidMaxProblem = ReadNumber(proc, "sys/kernel/pid_max"u8, out var pidMax);
        PidMax = pidMax;
        CountForks(lastPid);
    }

    /// <summary>Reads the number of tasks, and the last pid; 0 if that is missing.</summary>
    internal static bool TryParseTasks(ReadOnlySpan<byte> text, out ulong tasks, out ulong lastPid)
    {
        tasks = 0;
        lastPid = 0;
        for (var field = 1; field < 4; field++)
        {
            _ = Ascii.TakeWord(ref text);
        }

        var isRead =
            Ascii.TryTakeNumber(ref text, out _)
            && Ascii.TryTake(ref text, (byte)'/')
            && Ascii.TryTakeNumber(ref text, out tasks)
            && Ascii.TryTake(ref text, (byte)' ');
        lastPid = isRead && Ascii.TryParseOnlyNumber(text, out var last) ? last : 0;
        return isRead;
    }

    // Pids may have gone round more than once if they went far.
    private void CountForks(ulong lastPid)
    {
        var passed = lastPid >= _lastPid ? lastPid - _lastPid : lastPid + PidMax - _lastPid;
        var isKnown = lastPid > 0 && _lastPid > 0 && PidMax > lastPid && passed <= PidMax / 4;
        Forks += isKnown ? passed : TooManyForks;
        _lastPid = lastPid;
    }

    private static string? ReadNumber(ProcRoot proc, ReadOnlySpan<byte> name, out ulong value)
    {
        Span<byte> buffer = stackalloc byte[64];
        value = 0;
        return Read(proc, name, buffer, out var text)
            ?? (
                Ascii.TryParseOnlyNumber(text, out value) ? null : $"/proc/{Encoding.UTF8.GetString(name)} is malformed"
            );
    }

    /// <summary>Returns the reason for which the file cannot be read, or is not the kernel's; null if it was read.</summary>
    private static string? Read(
        ProcRoot proc,
        ReadOnlySpan<byte> name,
        Span<byte> buffer,
        out ReadOnlySpan<byte> text
    ) =>
        proc.TryReadTrusted(name, buffer, out text, out var isForeign) == ReadStatus.Ok ? null
        : isForeign ? ProcTrust.Foreign(proc, name)
        : $"/proc/{Encoding.UTF8.GetString(name)} cannot be read";
}
