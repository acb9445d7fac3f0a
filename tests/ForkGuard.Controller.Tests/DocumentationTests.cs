using System.CommandLine;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Hosting;
using ForkGuard.ControllerRuntime;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.Controller.Tests;

/// <summary>docs/configuration.md beside what the controller accepts and measures.</summary>
public sealed class DocumentationTests
{
    private static IReadOnlyList<IReadOnlyList<string>> Flags =>
        Page.Configuration.TableUnder("Flags of the controller");

    [Fact]
    public void The_page_has_every_flag_of_the_controller_and_no_other() =>
        Assert.Equal(
            Options().Select(option => $"`{option.Name} {option.HelpName}".TrimEnd() + "`"),
            Flags.Select(row => row[0]),
            StringComparer.Ordinal
        );

    [Fact]
    public void The_page_has_the_defaults_of_the_flags() =>
        Assert.Equal(
            Options()
                .Where(option => option.HasDefaultValue && option.ValueType != typeof(bool))
                .Select(option => $"{option.Name}: `{option.GetDefaultValue()}`"),
            from row in Flags
            where row[1].StartsWith('`')
            select $"{row[0].Trim('`').Split(' ')[0]}: {row[1]}",
            StringComparer.Ordinal
        );

    [Fact]
    public void The_page_has_every_metric_of_the_controller_and_no_other()
    {
        using RuntimeMetrics runtime = new();
        using ControllerTelemetry telemetry = new();
        telemetry.ObserveCircuit(() => false);
        telemetry.ObserveSilentNodes(() => 0);
        telemetry.ObservePodsAtRisk(() => 0);
        telemetry.ObserveWatches(() => []);

        Assert.Equal(
            PrometheusNames.Of(RuntimeMetrics.MeterName, ControllerTelemetry.MeterName).Order(StringComparer.Ordinal),
            Page.Configuration.TableUnder("Metrics of the controller")
                .Select(row => row[0].Trim('`'))
                .Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
    }

    private static IList<Option> Options()
    {
        Command command = new("forkguard-controller");
        new ProgramOptions().AddTo(command);
        return command.Options;
    }
}
