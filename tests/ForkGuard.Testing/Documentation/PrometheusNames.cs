using System.Diagnostics.Metrics;

namespace ForkGuard.Testing.Documentation;

/// <summary>Names of instruments in a scrape.</summary>
public static class PrometheusNames
{
    /// <summary>The instruments that these meters have now.</summary>
    /// <param name="meters">By their names.</param>
    public static IReadOnlySet<string> Of(params string[] meters)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (meters.Contains(instrument.Meter.Name, StringComparer.Ordinal))
                {
                    names.Add(NameOf(instrument));
                }
            },
        };
        listener.Start();
        return names;
    }

    // OpenTelemetry's compatibility rules: the unit in words, and _total for a counter.
    private static string NameOf(Instrument instrument) =>
        instrument.Name.Replace('.', '_')
        + instrument.Unit switch
        {
            "By" => "_bytes",
            "s" => "_seconds",
            "1" => "_ratio",
            _ => "",
        }
        + (instrument is Counter<long> ? "_total" : "");
}
