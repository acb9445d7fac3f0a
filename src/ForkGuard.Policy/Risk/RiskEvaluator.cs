namespace ForkGuard.Policy.Risk;

/// <summary>Evaluates readings under the rule of a watch. The same arguments give the same evaluation.</summary>
public static class RiskEvaluator
{
    /// <summary>
    /// Evaluates one constraint of a target under one rule. Keep <see cref="Evaluation.Next"/> and pass it as
    /// <paramref name="past"/> the next time; null for the first evaluation of the target.
    /// </summary>
    public static Evaluation Evaluate(WatchRule rule, RiskMemory? past, in RiskInput input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rule);
        throw new NotSupportedException($"{past} {input} {now}");
    }

    /// <summary>
    /// Evaluates the absence of a target that was evaluated before: call it at every scan until the level is
    /// <see cref="RiskLevel.Clear"/>, then forget the target. A recovery is held like a warning.
    /// </summary>
    /// <param name="rule">The rule of the watch.</param>
    /// <param name="past">Memory of the target.</param>
    /// <param name="cause">
    /// The proof: <see cref="RecoveryCause.Ended"/> or <see cref="RecoveryCause.NoLongerReported"/> for a complete and fresh
    /// report that does not name the target, <see cref="RecoveryCause.NotApplicable"/> if the constraint no longer applies.
    /// </param>
    /// <param name="scanInterval">Time between two scans.</param>
    /// <param name="now">The time.</param>
    public static Evaluation EvaluateAbsent(
        WatchRule rule,
        RiskMemory past,
        RecoveryCause cause,
        TimeSpan scanInterval,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(past);
        throw new NotSupportedException($"{cause} {scanInterval} {now}");
    }
}
