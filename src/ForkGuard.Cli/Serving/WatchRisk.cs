namespace ForkGuard.Cli.Serving;

/// <summary>Number of targets of one constraint that are at risk under a watch.</summary>
/// <param name="Kind">Kind of the watch.</param>
/// <param name="Name">Name of the watch.</param>
/// <param name="Constraint">Type of the constraint.</param>
/// <param name="Targets">Units and commands at or above the warning level, announced or not, and those that refuse a fork.</param>
internal sealed record WatchRisk(string Kind, string Name, string Constraint, int Targets);
