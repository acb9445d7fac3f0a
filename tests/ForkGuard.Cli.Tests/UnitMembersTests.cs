using ForkGuard.Cli.Watching;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Cli.Tests;

/// <summary>Processes of a unit in a captured /proc.</summary>
public sealed class UnitMembersTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("forkguard-units-").FullName;

    public UnitMembersTests()
    {
        Add(7, "redis-server", "/system.slice/other.service");
        Add(8, "worker", "/system.slice/web.service");
        Add(9, "nginx", "/system.slice/web.service");
    }

    [Fact]
    public void Finds_the_command_in_the_unit_and_not_in_another()
    {
        var found = Find("nginx")!;
        Assert.Equal(
            (9, 4711L, "nginx", "web.service"),
            (found.Pid, found.StartTimeTicks, found.Command, found.SystemdUnit)
        );
    }

    [Fact]
    public void Finds_nothing_of_a_command_that_the_unit_does_not_run() => Assert.Null(Find("redis-server"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private Api.ProcessReport? Find(string command) =>
        UnitMembers.Find(new ProcRoot(_root), "web.service", process => process.Command == command);

    private void Add(int pid, string command, string cgroup)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, $"{pid}")).FullName;
        File.WriteAllText(Path.Combine(folder, "cgroup"), $"0::{cgroup}\n");
        File.WriteAllText(
            Path.Combine(folder, "stat"),
            $"{pid} ({command}) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0 0 1 2 3 0 0\n"
        );
    }
}
