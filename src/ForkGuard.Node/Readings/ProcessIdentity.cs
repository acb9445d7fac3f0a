namespace ForkGuard.Node.Readings;

/// <summary>A process by its pid and start, which no later process shares.</summary>
/// <param name="Pid">The pid in the reader's namespace; 0 for the node.</param>
/// <param name="StartTime">Clock ticks since boot.</param>
internal readonly record struct ProcessIdentity(int Pid, long StartTime);
