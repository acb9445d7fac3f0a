using System.Globalization;
using ForkGuard.Api;

namespace ForkGuard.Controller.Evaluation;

/// <summary>
/// The mode and limit of a node as last seen, and when they moved, kept in annotations of its report: a move while no
/// controller ran is one all the same, and a new leader does not act on a limit that just moved.
/// </summary>
/// <param name="Mode">vm.overcommit_memory.</param>
/// <param name="LimitBytes">Null in mode 1.</param>
/// <param name="ChangedTime">When either was last seen to move, by the clock of the API server, which all controllers share; null if never.</param>
internal sealed record LimitRecord(int Mode, long? LimitBytes, DateTimeOffset? ChangedTime)
{
    internal const string LimitAnnotation = "forkguard.io/limit";
    internal const string ChangedAnnotation = "forkguard.io/limit-changed";

    // A node's firmware and hot-plugged pages move the limit far less, and swapoff far more.
    private const int NoiseDivisor = 200;

    /// <summary>As the annotations have it; null if they are missing or invalid.</summary>
    internal static LimitRecord? Read(ObjectMeta? metadata)
    {
        var parts = (metadata?.Annotations?.GetValueOrDefault(LimitAnnotation) ?? "").Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var mode))
        {
            return null;
        }

        long? limit = long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? bytes
            : null;
        var text = metadata!.Annotations!.GetValueOrDefault(ChangedAnnotation);
        return new LimitRecord(
            mode,
            limit,
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var changed) ? changed : null
        );
    }

    /// <summary>The record after a report: itself if nothing moved.</summary>
    /// <param name="known">Null if nothing was known, which is not a move.</param>
    /// <param name="kernel">Settings of the kernel in the report.</param>
    /// <param name="now">The time of the API server; while it is unknown a move is not noted, and seen again.</param>
    internal static LimitRecord After(LimitRecord? known, KernelReport kernel, DateTimeOffset? now) =>
        known is null ? new LimitRecord(kernel.OvercommitMode, kernel.LimitBytes, ChangedTime: null)
        : now is { } time && known.IsMovedBy(kernel) ? new LimitRecord(kernel.OvercommitMode, kernel.LimitBytes, time)
        : known;

    internal string ToAnnotation() => string.Create(CultureInfo.InvariantCulture, $"{Mode}/{LimitBytes}");

    /// <summary>The report has another mode, or a limit that moved by more than noise.</summary>
    private bool IsMovedBy(KernelReport kernel) =>
        Mode != kernel.OvercommitMode || HasMoved(LimitBytes, kernel.LimitBytes);

    private static bool HasMoved(long? from, long? to) =>
        from != to && (from is null || to is null || Math.Abs(from.Value - to.Value) > from.Value / NoiseDivisor);
}
