namespace ForkGuard.Api;

/// <summary>The accounting rule that a watch evaluates by.</summary>
public enum EvaluationMode
{
    /// <summary>The rule that the node's kernel applies now.</summary>
    Actual,

    /// <summary>What-if: as though vm.overcommit_memory were 0.</summary>
    Heuristic,

    /// <summary>What-if: as though vm.overcommit_memory were 2.</summary>
    Strict,
}

/// <summary>Action of a watch when a process stays at or above <c>actAtPercent</c>.</summary>
public enum WatchAction
{
    Event,
    Restart,
}

/// <summary>How a pod is restarted.</summary>
public enum RestartMethod
{
    /// <summary>Through the eviction API, which honours disruption budgets.</summary>
    Evict,

    /// <summary>By deleting the pod, which does not.</summary>
    Delete,
}

/// <summary>A day of the week.</summary>
public enum WeekDay
{
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}
