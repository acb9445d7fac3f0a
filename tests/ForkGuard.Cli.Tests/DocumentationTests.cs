using ForkGuard.Agent.Reporting;
using ForkGuard.Cli.Commands;
using ForkGuard.Node.Telemetry;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.Cli.Tests;

/// <summary>docs/configuration.md beside what the agent accepts and measures.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void The_page_has_every_flag_of_the_agent_and_no_other() =>
        Assert.Equal(
            new AgentOptions().All.Select(option => $"`{$"{option.Name} {option.HelpName}".TrimEnd()}`"),
            Page.Configuration.TableUnder("Flags of the agent").Select(row => row[0]),
            StringComparer.Ordinal
        );

    [Fact]
    public void The_page_has_the_defaults_of_the_flags() =>
        Assert.Equal(
            new AgentOptions()
                .All.Where(option => option.HasDefaultValue)
                .Select(option => $"{option.Name}: `{option.GetDefaultValue()}`"),
            from row in Page.Configuration.TableUnder("Flags of the agent")
            where row[1].StartsWith('`')
            select $"{row[0].Trim('`').Split(' ')[0]}: {row[1]}",
            StringComparer.Ordinal
        );

    [Fact]
    public void The_page_has_every_metric_of_the_agent_and_no_other()
    {
        using var metrics = new NodeMetrics();
        using var reportMetrics = new AgentMetrics();

        Assert.Equal(
            PrometheusNames.Of(NodeMetrics.MeterName, AgentMetrics.MeterName).Order(StringComparer.Ordinal),
            Page.Configuration.TableUnder("Metrics of the agent")
                .Select(row => row[0].Trim('`'))
                .Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
    }
}
