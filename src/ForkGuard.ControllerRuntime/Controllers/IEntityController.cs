namespace ForkGuard.ControllerRuntime;

/// <summary>Brings the world in line with an object. The shape is that of KubeOps' controllers.</summary>
public interface IEntityController<in TEntity>
    where TEntity : class
{
    /// <summary>
    /// Called when the object came or changed, and when it was asked for. It may be called again for the same state; an
    /// exception has it called again after a delay that grows. One object is never worked on twice at the same time.
    /// </summary>
    Task<ReconciliationResult> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>Called when the object went, with its last known state. Deletions while the controller was down are not seen.</summary>
    Task DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}

/// <summary>How a reconciliation that did not fail ended.</summary>
/// <param name="RequeueAfter">Has it done again after this long, even if nothing changes; null for no such time.</param>
public readonly record struct ReconciliationResult(TimeSpan? RequeueAfter)
{
    /// <summary>Nothing is left to do until something changes.</summary>
    public static readonly ReconciliationResult Done;
}
