using System.Globalization;
using ForkGuard.Api;

namespace ForkGuard.Cli.Output;

/// <summary>One process as a row of a table: the cells of <see cref="Headings"/>.</summary>
internal static class ProcessRow
{
    internal static readonly string[] Headings =
    [
        "PID",
        "COMMAND",
        "%",
        "USED",
        "LIMIT",
        "GROWTH",
        "LEFT",
        "VERDICT",
        "MAPPING",
    ];

    // Below this width the limit, which is in the header, and the mapping cost the names their room.
    private const int WideColumns = 120;

    /// <summary>The cells that a terminal of so many columns has room for.</summary>
    internal static IReadOnlyList<int> ColumnsFor(int columns) =>
        [
            .. Enumerable
                .Range(0, Headings.Length)
                .Where(i => columns >= WideColumns || Headings[i] is not ("LIMIT" or "MAPPING")),
        ];

    /// <summary>The cells that are numbers, to be set to the right.</summary>
    internal static bool IsNumeric(int column) => column is 0 or (>= 2 and <= 6);

    internal static string[] Cells(ProcessReport process)
    {
        var isBound = process is { Confidence: Confidence.Estimate, Mapping: null };
        var atMost = isBound ? "≤" : "";
        return
        [
            process.Pid.ToString(CultureInfo.InvariantCulture),
            PrintableText.Escape(process.Command),
            process.LimitBytes is null ? "-" : $"{atMost}{process.Percent}",
            atMost + SizeText.Bytes(process.UsedBytes),
            process.LimitBytes is { } limit ? SizeText.Bytes(limit) : "-",
            process.GrowthBytesPerMinute is { } growth and not 0 ? $"{SizeText.Bytes(growth)}/min" : "-",
            process.SecondsToLimit is { } seconds ? SizeText.Duration(seconds) : "-",
            process.Verdict.ToString(),
            MappingText(process.Mapping),
        ];
    }

    private static string MappingText(MappingReport? mapping) =>
        mapping is null
            ? "-"
            : $"{mapping.Start} {(mapping.Name is null ? "anonymous" : PrintableText.Escape(mapping.Name))}";
}
