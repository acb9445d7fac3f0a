using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Checks;

/// <summary>Findings of <see cref="PidsCheck"/> for a cgroup.</summary>
internal sealed class PidsNotes : CgroupNotes
{
    private KeptTasks _tasks;
    private KeptTasks _tasksOfPath;

    /// <summary>Scan of the pids limits; 0 before the first.</summary>
    internal long Scan { get; set; }

    /// <summary>The tightest pids limit; null without one, and below the level.</summary>
    internal ConstraintReading? Tightest { get; set; }

    internal bool IsGone { get; set; }

    /// <summary>Tasks and their limit in this cgroup alone.</summary>
    internal ref KeptTasks Tasks => ref _tasks;

    /// <summary>Tasks and their limits in this cgroup and all above it.</summary>
    internal ref KeptTasks TasksOfPath => ref _tasksOfPath;

    internal override void Forget()
    {
        Scan = 0;
        _tasks = default;
        _tasksOfPath = default;
    }
}
