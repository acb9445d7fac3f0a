using System.Globalization;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Facts of a process that rarely change. The scanner keeps one for each pid and start time, reads it when the process is first seen, when
/// <see cref="IsDue"/> is true, and before a warning.
/// </summary>
public sealed class ProcessFacts
{
    /// <summary>Address space of a program that may save by forking: a shell forks as well, and a copy of its memory is small.</summary>
    public const ulong MinSavingBytes = 32 << 20;

    /// <summary>PROC_USER_INIT_INO (include/linux/proc_ns.h), the same on every machine.</summary>
    internal const ulong InitialUserNamespace = 4026531837;

    // USER_HZ, in which the kernel shows ticks whatever its own are (proc_pid_stat(5)).
    internal const ulong TicksPerSecond = 100;

    private const int CapSysAdmin = 21;
    private const int CapSysResource = 24;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private string? _uidText;
    private ulong _keptCost;
    private (ulong Total, ulong Resident) _keptCostSize;
    private DateTimeOffset? _keptCostTime;
    private (UncopiedTables Tables, ulong Resident, DateTimeOffset Time)? _uncopied;
    private ulong _lastResident;

    public required int Pid { get; init; }

    /// <summary>Clock ticks since boot: with the pid, the identity of the process.</summary>
    public ulong StartTime { get; internal set; }

    /// <summary>Pid of the parent as of the last read; 0 without one.</summary>
    public int Parent { get; internal set; }

    /// <summary>As <see cref="Procfs.ProcessStat.StartStack"/>.</summary>
    public ulong StartStack { get; internal set; }

    /// <summary>The stack was read at an age at which an exec that follows a fork has normally happened.</summary>
    internal bool HasLastingStack { get; set; }

    /// <summary>A kernel thread, or a zombie without a living thread: no constraint applies.</summary>
    public bool CannotForkByNature { get; internal set; }

    /// <summary>Real uid, as the reader's user namespace shows it.</summary>
    public uint RealUid { get; internal set; }

    /// <summary>
    /// The real uid is 0 in the initial user namespace. Root of another user namespace is mostly another user.
    /// </summary>
    internal bool IsRoot { get; set; }

    /// <summary>The uid that is shown stands for several users, since the reader's user namespace has none for this one.</summary>
    internal bool IsUidAmbiguous { get; set; }

    /// <summary>Inode of the user namespace; 0 if the reader may not know it.</summary>
    public ulong UserNamespace { get; internal set; }

    /// <summary>CapEff of proc_pid_status(5), a bit for each capability.</summary>
    public ulong EffectiveCapabilities { get; internal set; }

    /// <summary>Soft RLIMIT_NPROC; <see cref="ulong.MaxValue"/> if unlimited.</summary>
    public ulong SoftProcessLimit { get; internal set; } = ulong.MaxValue;

    /// <summary>Reason for which uid and RLIMIT_NPROC are not known; null if they are.</summary>
    public string? LimitProblem { get; internal set; }

    /// <summary>Inode of the pid namespace of the process; 0 if unknown.</summary>
    public ulong PidNamespace { get; internal set; }

    /// <summary>Inode of the pid namespace of its future children; 0 if none of them exists yet, or it is unknown.</summary>
    public ulong PidNamespaceForChildren { get; internal set; }

    /// <summary>Reason for which the pid namespaces are not known; null if they are.</summary>
    public string? PidNamespaceProblem { get; internal set; }

    /// <summary>Pid namespaces below the reader's that the process is in; 0 if it is in the reader's own.</summary>
    public int PidNamespaceDepth { get; internal set; }

    /// <summary>Its future children go into a pid namespace below its own (unshare(2), setns(2)). False if unknown.</summary>
    internal bool HasNestedChildren =>
        PidNamespace != 0 && PidNamespaceForChildren != 0 && PidNamespaceForChildren != PidNamespace;

    /// <summary>A seccomp filter is active (seccomp(2)).</summary>
    public bool HasSeccompFilter { get; internal set; }

    /// <summary>The main thread has SCHED_DEADLINE without reset-on-fork (sched(7)).</summary>
    public bool IsDeadlineWithoutReset { get; internal set; }

    /// <summary>Cgroup whose ancestors limit the number of tasks.</summary>
    public CgroupPlace Pids { get; internal set; }

    /// <summary>Cgroup whose ancestors limit memory.</summary>
    public CgroupPlace Memory { get; internal set; }

    /// <summary>As of this scan; zeros if the caller does not know it.</summary>
    public ProcessSize Size { get; set; }

    /// <summary>When all of them were read.</summary>
    public DateTimeOffset ReadTime { get; internal set; }

    /// <summary>When they were read, or what can change unnoticed was read again.</summary>
    internal DateTimeOffset RenewTime { get; set; }

    /// <summary>When the cgroups were read.</summary>
    internal DateTimeOffset CgroupsTime { get; set; }

    /// <summary>How often all of them were read.</summary>
    internal int Reads { get; set; }

    /// <summary>A cgroup of the process was removed: it has moved since, or ended.</summary>
    public bool IsOutdated { get; internal set; }

    /// <summary>In the initial user namespace, where capabilities exempt from limits. False if unknown.</summary>
    public bool IsInInitialUserNamespace => UserNamespace == InitialUserNamespace;

    /// <summary>
    /// RLIMIT_NPROC does not bind: root of the initial user namespace, or CAP_SYS_RESOURCE or CAP_SYS_ADMIN in it (kernel/fork.c
    /// <c>copy_process</c>).
    /// </summary>
    public bool IsExemptFromProcessLimit =>
        IsRoot
        || (
            IsInInitialUserNamespace && (EffectiveCapabilities & ((1UL << CapSysAdmin) | (1UL << CapSysResource))) != 0
        );

    /// <summary>
    /// Reports whether a process is at least a second old. A younger one may be a child of a fork that has not called exec yet.
    /// </summary>
    /// <param name="startTime">Clock ticks since boot.</param>
    /// <param name="uptime">Time since boot.</param>
    internal static bool IsOldEnoughToSave(ulong startTime, TimeSpan uptime) =>
        (ulong)uptime.Ticks / (TimeSpan.TicksPerSecond / TicksPerSecond) >= Saturating.Add(startTime, TicksPerSecond);

    internal string UidText => _uidText ??= RealUid.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Time to read the facts: at first, when a cgroup of the process was removed, and every 10 min. The second read comes 10 s after the first, since a runtime starts a process before it moves and limits it.
    /// </summary>
    public bool IsDue(DateTimeOffset now) =>
        Reads == 0 || IsOutdated || now - RenewTime >= (Reads <= 1 ? FirstInterval : Interval);

    /// <summary>Pages that the process has gained in RAM since the last call.</summary>
    internal ulong TakeResidentGrowth()
    {
        var growth = Saturating.Subtract(Size.Resident, _lastResident);
        _lastResident = Size.Resident;
        return growth;
    }

    internal void KeepCost(in ForkCost cost, DateTimeOffset now)
    {
        _keptCost = cost.Bytes;
        _keptCostSize = (Size.Total, Size.Resident);
        _keptCostTime = now;
    }

    /// <summary>
    /// Bytes that a fork may take by the cost that was kept and a page table for each page gained in RAM since; null without
    /// one, and after ten minutes for a process whose size has changed.
    /// </summary>
    internal ulong? KeptCostBytes(DateTimeOffset now) =>
        _keptCostTime is { } time && (now - time < Interval || _keptCostSize == (Size.Total, Size.Resident))
            ? Saturating.Add(
                _keptCost,
                Saturating.Multiply(
                    Saturating.Subtract(Size.Resident, _keptCostSize.Resident),
                    (ulong)ProcRoot.PageSize
                )
            )
            : null;

    internal void KeepUncopied(in UncopiedTables tables, DateTimeOffset now) =>
        _uncopied = (tables, Size.Resident, now);

    /// <summary>
    /// The areas that its fork leaves out, as read within the last ten minutes, with all pages gained in RAM since; null without that.
    /// </summary>
    /// <param name="now">Time of the scan.</param>
    /// <param name="isCurrent">The process has as many pages in RAM as then.</param>
    internal UncopiedTables? KeptUncopied(DateTimeOffset now, out bool isCurrent)
    {
        isCurrent = _uncopied?.Resident == Size.Resident;
        return _uncopied is { } kept && now - kept.Time < Interval
            ? kept.Tables.WithPages(Saturating.Subtract(Size.Resident, kept.Resident))
            : null;
    }

    internal void SetUid(uint uid)
    {
        if (uid != RealUid)
        {
            RealUid = uid;
            _uidText = null;
        }
    }
}
