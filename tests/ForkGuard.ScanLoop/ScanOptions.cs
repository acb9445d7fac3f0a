using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.ScanLoop;

/// <summary>Arguments of the program.</summary>
internal sealed record ScanOptions
{
    internal const string Usage =
        "usage: scan-loop full|trusting PACE_MS COUNT [report=PERCENT] [warn=PERCENT] [step=SECONDS] [strict] [checks] [pod-of-parent]";

    internal bool TrustsCommitted { get; private init; }

    /// <summary>Zero: back to back.</summary>
    internal TimeSpan Pace { get; private init; }

    internal int Count { get; private init; }

    /// <summary>The report level is that of tests/bench/scan.c, the warning level the default of a watch.</summary>
    internal ScanLevels Levels { get; private init; } = new(60, 70);

    /// <summary>Time between two scans as the caches see it; zero for the time that passes.</summary>
    internal TimeSpan Step { get; private init; }

    /// <summary>Evaluates by the rule of mode 2, see <see cref="ScanResult"/>.</summary>
    internal bool IsStrict { get; private init; }

    /// <summary>Reads the constraints beside accounting too.</summary>
    internal bool HasChecks { get; private init; }

    /// <summary>Processes with one parent count as one pod; otherwise no process has a pod.</summary>
    internal bool IsPodOfParent { get; private init; }

    internal static bool TryParse(string[] args, [NotNullWhen(true)] out ScanOptions? options)
    {
        options = null;
        if (
            args is not (["full" or "trusting", var pace, var count, ..])
            || !TryParseNumber(pace, out var milliseconds)
            || !TryParseNumber(count, out var scans)
        )
        {
            return false;
        }

        options = new ScanOptions
        {
            TrustsCommitted = args[0] == "trusting",
            Pace = TimeSpan.FromMilliseconds(milliseconds),
            Count = scans,
        };
        foreach (var arg in args[3..])
        {
            options = options.With(arg);
            if (options is null)
            {
                return false;
            }
        }

        return true;
    }

    private ScanOptions? With(string arg)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        var number = 0;
        if (equals >= 0 && !TryParseNumber(arg[(equals + 1)..], out number))
        {
            return null;
        }

        return arg[..(equals + 1)] switch
        {
            "report=" => this with { Levels = Levels with { ReportPercent = number } },
            "warn=" => this with { Levels = Levels with { WarningPercent = number } },
            "step=" => this with { Step = TimeSpan.FromSeconds(number) },
            _ => arg switch
            {
                "strict" => this with { IsStrict = true },
                "checks" => this with { HasChecks = true },
                "pod-of-parent" => this with { IsPodOfParent = true },
                _ => null,
            },
        };
    }

    private static bool TryParseNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
