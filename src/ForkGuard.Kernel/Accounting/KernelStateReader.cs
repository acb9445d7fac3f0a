using System.Text;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Accounting;

/// <summary>Reads <see cref="KernelState"/>; what cannot change while the machine is up is read once.</summary>
public sealed class KernelStateReader
{
    private readonly ProcRoot _proc;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private byte[]? _zoneinfo;
    private KernelRelease _release;
    private int _cpus;
    private bool _hasSelinux;
    private ulong _maxMemory;
    private readonly bool _hidesProcesses;
    private string? _foreign;

    public KernelStateReader(ProcRoot proc)
    {
        ArgumentNullException.ThrowIfNull(proc);
        _proc = proc;
        _hidesProcesses = proc.HidesProcesses;
    }

    /// <summary>The full release, such as <c>6.12.1-amd64</c>; empty before the first successful read.</summary>
    public string ReleaseName { get; private set; } = "";

    /// <summary>
    /// Reads the mode, the limits and the charge as they are now. False if a file is missing, refused or malformed;
    /// <paramref name="problem"/> then names it.
    /// </summary>
    public bool TryRead(out KernelState state, out string problem)
    {
        state = default;
        problem = "";
        _foreign = null;
        if (ReleaseName.Length == 0 && !TryReadRelease(out problem))
        {
            return false;
        }

        if (!TryReadNumber("sys/vm/overcommit_memory"u8, out var mode, ref problem) || mode > 2)
        {
            problem =
                problem.Length > 0 ? problem : $"sys/vm/overcommit_memory holds {mode}, which is not a known mode";
            return false;
        }

        // Both came with 3.10; without them nothing was kept back.
        var ignored = "";
        _ = TryReadNumber("sys/vm/admin_reserve_kbytes"u8, out var adminReserve, ref ignored);
        _ = TryReadNumber("sys/vm/user_reserve_kbytes"u8, out var userReserve, ref ignored);

        if (!TryReadMeminfo(out var memory, out problem))
        {
            return false;
        }

        var hasSwap = TryReadSwapInForce(memory, out var swap);
        NoteMaxMemory(memory.MemTotal);
        state = new KernelState
        {
            Release = _release,
            Mode = (OvercommitMode)mode,
            PageSize = (ulong)ProcRoot.PageSize,
            HasSelinux = _hasSelinux,
            MemTotal = memory.MemTotal,
            SwapTotal = memory.SwapTotal,
            SwapInForce = hasSwap ? swap : memory.SwapTotal,
            IsSwapEstimated = !hasSwap && memory.SwapTotal > 0,
            CommitLimit = memory.CommitLimit,
            Committed = memory.Committed,
            AdminReserve = Saturating.Multiply(adminReserve, 1024),
            UserReserve = Saturating.Multiply(userReserve, 1024),
            Cpus = _cpus,
            MaxMemory = _maxMemory,
            HidesProcesses = _hidesProcesses,
            Distrust = _foreign ?? ProcTrust.FindProblem(_proc, memory.MemTotal),
        };
        if (_release.HasTotalMemoryRule)
        {
            return true;
        }

        if (!TryReadFreeEstimate(memory.SwapFree, state.AdminReserve, out var free, out problem))
        {
            return false;
        }

        state = state with { FreeEstimate = free };
        return true;
    }

    private bool TryReadMeminfo(out Meminfo memory, out string problem)
    {
        var status = Read("meminfo"u8, out var text);
        memory = default;
        var isRead = status == ReadStatus.Ok && Meminfo.TryParse(text, out memory);
        problem = isRead ? "" : Explain("meminfo"u8, status);
        return isRead;
    }

    private bool TryReadSwapInForce(in Meminfo memory, out ulong swap)
    {
        // Since 3.14; an older kernel has the ratio alone.
        var ignored = "";
        _ = TryReadNumber("sys/vm/overcommit_kbytes"u8, out var kilobytes, ref ignored);
        swap = 0;
        return (TryReadNumber("sys/vm/overcommit_ratio"u8, out var ratio, ref ignored) || kilobytes > 0)
            && CommitLimit.TryGetSwapInForce(memory, kilobytes, ratio, (ulong)ProcRoot.PageSize, out swap);
    }

    /// <summary>Present pages stay when a balloon takes memory away; memory that was added shows in MemTotal.</summary>
    private void NoteMaxMemory(ulong memTotal)
    {
        if (memTotal <= _maxMemory)
        {
            return;
        }

        _maxMemory = memTotal;
        var status = _proc.TryRead("zoneinfo"u8, _zoneinfo ??= new byte[1024 * 1024], out var text);
        if (status == ReadStatus.Ok)
        {
            _maxMemory = Math.Max(memTotal, Zoneinfo.PresentPages(text) * (ulong)ProcRoot.PageSize);
        }

        if (_release.HasTotalMemoryRule)
        {
            _zoneinfo = null;
        }
    }

    private bool TryReadRelease(out string problem)
    {
        problem = "";
        var status = _proc.TryRead("sys/kernel/osrelease"u8, _buffer, out var text);
        text = text.TrimEnd((byte)'\n');
        if (status != ReadStatus.Ok || !KernelRelease.TryParse(text, out _release))
        {
            problem = Explain("sys/kernel/osrelease"u8, status);
            return false;
        }

        var name = Encoding.UTF8.GetString(text);
        status = CpuList.Count(_proc, out _cpus);
        if (status != ReadStatus.Ok)
        {
            problem = Explain("stat"u8, status);
            return false;
        }

        // selinuxfs is registered only where SELinux was not switched off at boot (security/selinux/selinuxfs.c).
        _hasSelinux =
            _proc.TryRead("filesystems"u8, _buffer, out text) != ReadStatus.Ok || text.IndexOf("\tselinuxfs\n"u8) >= 0;
        ReleaseName = name;
        return true;
    }

    private bool TryReadFreeEstimate(ulong swapFree, ulong adminReserve, out ulong free, out string problem)
    {
        free = 0;
        problem = "";
        var status = _proc.TryRead("vmstat"u8, _buffer, out var text);
        if (status != ReadStatus.Ok || !FreeMemoryHeuristic.TryParseAvailable(text, out var availablePages))
        {
            problem = Explain("vmstat"u8, status);
            return false;
        }

        status = _proc.TryRead("zoneinfo"u8, _zoneinfo ??= new byte[1024 * 1024], out text);
        if (
            status != ReadStatus.Ok
            || text.Length == _zoneinfo.Length
            || !FreeMemoryHeuristic.TryParseReserve(text, out var reservePages)
        )
        {
            problem = Explain("zoneinfo"u8, status);
            return false;
        }

        var page = (ulong)ProcRoot.PageSize;
        var have = (availablePages * page) + swapFree;
        var keptBack = (reservePages * page) + adminReserve;
        free = have > keptBack ? have - keptBack : 0;
        return true;
    }

    private bool TryReadNumber(ReadOnlySpan<byte> name, out ulong value, ref string problem)
    {
        var status = Read(name, out var text);
        value = 0;
        if (status == ReadStatus.Ok && Ascii.TryParseOnlyNumber(text, out value))
        {
            return true;
        }

        problem = Explain(name, status);
        return false;
    }

    /// <summary>Reads a file that a verdict rests on. Numbers of another file system are read too, and distrusted.</summary>
    private ReadStatus Read(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> text)
    {
        var status = _proc.TryReadTrusted(name, _buffer, out text, out var isForeign);
        if (!isForeign)
        {
            return status;
        }

        _foreign ??= ProcTrust.Foreign(_proc, name);
        return _proc.TryRead(name, _buffer, out text);
    }

    private string Explain(ReadOnlySpan<byte> name, ReadStatus status)
    {
        var path = $"{_proc.Path}/{Encoding.UTF8.GetString(name)}";
        return status switch
        {
            ReadStatus.Gone => $"{path} does not exist: is this a /proc, with /proc/sys in it?",
            ReadStatus.Denied => $"{path} cannot be read: permission denied",
            ReadStatus.Failed => $"{path} cannot be read",
            _ => $"{path} does not have the format of proc(5), or is cut short",
        };
    }
}
