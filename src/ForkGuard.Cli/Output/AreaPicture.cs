using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Cli.Output;

/// <summary>
/// The areas that a fork would charge as bars, to scale with the limit: <c>|</c> is where the limit is. The largest is
/// marked. Smaller ones, and what is not charged, are summed up.
/// </summary>
internal static class AreaPicture
{
    private const int MaxRows = 16;

    // Mark, address, permissions, size and the spaces between.
    private const int FixedColumns = 34;

    internal static void Write(TextWriter to, IReadOnlyList<Area> areas, in KernelState state, int columns)
    {
        var limit = AccountingRule.LimitOf(state, state.Mode) ?? state.TotalMemory;
        var charged = areas.Where(a => a.IsCharged).OrderByDescending(a => a.Range.Bytes).ToList();
        var largest = charged.Count > 0 ? charged[0].Range.Bytes : 0;
        var width = Math.Clamp((columns - FixedColumns) / 2, 16, 100);
        var scale = Math.Max(limit, largest);
        WriteWrapped($"A fork charges these areas ({LimitName(state)}: {SizeText.Bytes(limit)}, drawn as |):");
        foreach (var area in charged.Take(MaxRows).OrderBy(a => a.Range.Start))
        {
            var mark = area.Range.Bytes == largest ? '>' : ' ';
            var bar = ScaleBar.Of(area.Range.Bytes, limit, scale, width);
            var name = area.Range.Name.Length == 0 ? "anonymous" : PrintableText.Escape(area.Range.Name);
            var room = Math.Max(columns - FixedColumns - width - 1, 8);
            to.WriteLine(
                $"{mark} {area.Range.Start, 14:x} {area.Permissions} {SizeText.Bytes(area.Range.Bytes), 10} {bar} {TerminalText.FitEnd(name, room)}"
            );
        }

        if (charged.Count > MaxRows)
        {
            var rest = charged.Skip(MaxRows).Aggregate(0UL, (sum, a) => sum + a.Range.Bytes);
            to.WriteLine($"  and {charged.Count - MaxRows} smaller ones, {SizeText.Bytes(rest)} together");
        }

        var others = areas.Where(a => !a.IsCharged).Aggregate(0UL, (sum, a) => sum + a.Range.Bytes);
        WriteWrapped(
            $"Not charged: {areas.Count - charged.Count} areas, {SizeText.Bytes(others)} (shared, read-only, MAP_NORESERVE, MADV_DONTFORK)."
        );

        void WriteWrapped(string text)
        {
            foreach (var line in TerminalText.Lines(text, columns))
            {
                to.WriteLine(line);
            }
        }

        static string LimitName(in KernelState s) =>
            s.Mode switch
            {
                OvercommitMode.Strict => "limit for all commitments",
                OvercommitMode.Always => "mode 1 has no limit; RAM + swap",
                _ => "limit for each",
            };
    }
}
