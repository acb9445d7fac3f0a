namespace ForkGuard.Policy.Messages.Advice;

/// <summary>Advice for or against a restart.</summary>
internal static class RestartAdvice
{
    /// <summary>The remedies, and a restart where it gives something back.</summary>
    public static string Clause(AdviceCase advised, string remedies) =>
        advised.IsRefused ? $"{remedies}, or restart it"
        : advised.Constraint.Growing == true ? $"{remedies}, or restart it in time"
        : remedies;

    /// <summary>A sentence about a restart; for steady usage that nothing is urgent.</summary>
    /// <param name="advised">The case.</param>
    /// <param name="resource">The resource that a restart gives back, such as <c>the memory</c>.</param>
    public static string Sentence(AdviceCase advised, string resource) =>
        advised.MayRestart
            ? $"A restart gives {resource} back and lets it fork again, until usage has grown as far again."
        : advised.Constraint.Growing == false
            ? "Usage is steady: nothing is urgent, and a restart would change nothing."
        : "Usage is not known to grow: nothing is urgent.";
}
