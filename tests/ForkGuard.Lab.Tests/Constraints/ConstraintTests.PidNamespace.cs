using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

public abstract partial class ConstraintTests
{
    private const string PidNamespace = nameof(ConstraintType.PidNamespace);

    /// <summary>The first child becomes init of the namespace; without one that lives it takes no further process.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_pid_namespace_without_a_living_init_refuses_every_fork(int mode)
    {
        await SetModeAsync(mode);
        (string[] Commands, int Error)[] rows =
        [
            ([], Errno.None),
            (["keep"], Errno.None),
            (["keep", "end"], Errno.NoMemory),
            (["zombie"], Errno.NoMemory),
            (["fork"], Errno.NoMemory),
        ];
        var cases = new List<ConstraintCase>();
        foreach (var (commands, error) in rows)
        {
            foreach (
                var steps in (string[][])
                    [
                        ["unshare pid"],
                        ["unshare cgroup", "unshare pid", "as nobody"],
                    ]
            )
            {
                var container = await Cgroups.AddAsync(Drivers[cases.Count % Drivers.Length]);
                var victim = await container.StartAsync(Idle, steps);
                await victim.DoAsync(commands);
                cases.Add(CaseOf(victim, error, string.Join(", ", commands)));
            }
        }

        ConstraintTrial.AssertRight(await machine.TryAsync(PidNamespace, cases));
    }

    [Fact]
    public async Task Verdicts_follow_the_init_of_a_pid_namespace()
    {
        var victim = await StartAsync(Idle, "unshare pid");
        await victim.DoAsync("keep");
        var alive = await machine.TryAsync(PidNamespace, CaseOf(victim, Errno.None, "keep"));
        await victim.DoAsync("end");
        var dead = await machine.TryAsync(PidNamespace, CaseOf(victim, Errno.NoMemory, "end"));

        ConstraintTrial.AssertRight([.. alive, .. dead]);
    }

    /// <summary>With a living init every kernel exposes enough.</summary>
    private ConstraintCase CaseOf(GuestVictim victim, int error, string commands) =>
        new(victim, error)
        {
            Description = commands,
            MayBeUnknown = machine.ShowsEmptyPidNamespaces && commands != "keep",
        };
}
