using System.Diagnostics.Metrics;

namespace ForkGuard.Testing.Documentation;

/// <summary>What a program's instruments are called where they are scraped.</summary>
public static class PrometheusNames
{
    /// <summary>The instruments that these meters have now.</summary>
    /// <param name="ratio">What the program's exporter puts behind the name of a gauge without a unit.</param>
    /// <param name="meters">By their names.</param>
    public static IReadOnlySet<string> Of(string ratio, params string[] meters)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (meters.Contains(instrument.Meter.Name, StringComparer.Ordinal))
                {
                    names.Add(NameOf(instrument, ratio));
                }
            },
        };
        listener.Start();
        return names;
    }

    // OpenTelemetry's compatibility rules: the unit in words, and _total for what only grows.
    private static string NameOf(Instrument instrument, string ratio) =>
        instrument.Name.Replace('.', '_')
        + instrument.Unit switch
        {
            "By" => "_bytes",
            "s" => "_seconds",
            "1" => ratio,
            _ => "",
        }
        + (instrument is Counter<long> ? "_total" : "");
}
