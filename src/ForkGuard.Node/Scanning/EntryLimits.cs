namespace ForkGuard.Node.Scanning;

/// <summary>Room of a list of processes.</summary>
/// <param name="Entries">Entries at most.</param>
/// <param name="OfPod">Entries of one pod at most.</param>
/// <param name="Bytes">Bytes of JSON at most.</param>
internal sealed record EntryLimits(int Entries, int OfPod, int Bytes)
{
    /// <summary>A list of a report in the API.</summary>
    internal static EntryLimits Report { get; } = new(Entries: 64, OfPod: 4, Bytes: 64 * 1024);

    /// <summary>A list that stays in this process.</summary>
    internal static EntryLimits None { get; } = new(int.MaxValue, int.MaxValue, int.MaxValue);
}
