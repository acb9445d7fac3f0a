using ForkGuard.Api;
using ForkGuard.Policy.Matching;

namespace ForkGuard.Policy.Tests.Matching;

public class HostProcessesTests
{
    private static readonly HostProcessSelector UnitsAndCommands = new()
    {
        Units = ["docker.service"],
        Commands = ["kubelet", "prometheus-process-exporter"],
    };

    [Theory]
    [InlineData("docker.service", "dockerd", true)]
    [InlineData("kubelet.service", "kubelet", true)]
    [InlineData(null, "kubelet", true)]
    [InlineData(null, "prometheus-proc", true)]
    [InlineData("Docker.service", "dockerd", false)]
    [InlineData("docker.socket", "dockerd", false)]
    [InlineData(null, "dockerd", false)]
    public void A_unit_or_a_command_is_enough(string? unit, string command, bool matches) =>
        Assert.Equal(matches, HostProcesses.Match(UnitsAndCommands, unit, command));

    [Fact]
    public void With_units_alone_a_command_is_none_of_them_and_the_other_way_round()
    {
        Assert.False(HostProcesses.Match(UnitsAndCommands with { Commands = null }, "kubelet.service", "kubelet"));
        Assert.False(HostProcesses.Match(UnitsAndCommands with { Units = [] }, "docker.service", "dockerd"));
    }

    [Fact]
    public void A_selector_with_neither_matches_all()
    {
        Assert.True(HostProcesses.Match(new HostProcessSelector(), unit: null, "init"));
        Assert.True(HostProcesses.Match(new HostProcessSelector { Units = [], Commands = [] }, "a.service", "a"));
    }
}
