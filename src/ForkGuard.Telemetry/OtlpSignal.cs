using System.Globalization;
using OpenTelemetry.Exporter;

namespace ForkGuard.Telemetry;

/// <summary>
/// A signal that is pushed by OTLP where the environment asks for it. The exporter itself reads the variables for all signals;
/// those of one signal, which have precedence, are read here.
/// </summary>
/// <param name="Name">As in the names of the variables: METRICS or TRACES.</param>
internal sealed record OtlpSignal(string Name)
{
    internal static OtlpSignal Metrics { get; } = new("METRICS");

    internal static OtlpSignal Traces { get; } = new("TRACES");

    /// <summary>Reports whether the signal is pushed: an endpoint is set, or OTEL_..._EXPORTER contains otlp. That variable can also turn it off.</summary>
    internal bool IsPushed =>
        !string.Equals(EnvironmentText.Read("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && (
            EnvironmentText.Read($"OTEL_{Name}_EXPORTER") is { } exporters
                ? exporters
                    .Split(',', StringSplitOptions.TrimEntries)
                    .Contains("otlp", StringComparer.OrdinalIgnoreCase)
                : (Own("ENDPOINT") ?? EnvironmentText.Read("OTEL_EXPORTER_OTLP_ENDPOINT")) is not null
        );

    internal void Configure(OtlpExporterOptions options)
    {
        if (Own("PROTOCOL") is { } protocol)
        {
            options.Protocol = protocol switch
            {
                "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
                "grpc" => OtlpExportProtocol.Grpc,
                _ => options.Protocol,
            };
        }

        if (Own("ENDPOINT") is { } endpoint && Uri.TryCreate(endpoint, UriKind.Absolute, out var address))
        {
            // Taken as it is, without the path of the signal.
            options.Endpoint = address;
        }

        if (Own("HEADERS") is { } headers)
        {
            options.Headers = headers;
        }

        if (
            Own("TIMEOUT") is { } timeout
            && int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        )
        {
            options.TimeoutMilliseconds = milliseconds;
        }
    }

    private string? Own(string variable) => EnvironmentText.Read($"OTEL_EXPORTER_OTLP_{Name}_{variable}");
}
