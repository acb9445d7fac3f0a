using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

public abstract partial class ConstraintTests
{
    private const string UserProcesses = nameof(ConstraintType.UserProcesses);

    /// <summary>Two containers of the same user: without user namespaces each counts against the other's limit.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Tasks_of_one_user_refuse_the_fork_that_its_limit_does_not_grant(int mode)
    {
        await SetModeAsync(mode);
        var neighbour = await (await Cgroups.AddAsync(CgroupDriver.Systemd)).StartAsync(Idle, "as nobody");
        await neighbour.DoAsync("hold 2", "zombie");
        var container = await Cgroups.AddAsync(CgroupDriver.Cgroupfs);
        var refused = await container.StartAsync(Idle, "as nobody");
        var granted = await container.StartAsync(Idle, "as nobody");
        const long used = 6;
        await Guest.LimitTasksAsync(refused, used);
        await Guest.LimitTasksAsync(granted, used + 1);

        ConstraintTrial.AssertRight(
            await machine.TryAsync(
                UserProcesses,
                CaseOf(refused, Errno.TryAgain, used, used),
                CaseOf(granted, Errno.None, used, used + 1)
            )
        );
    }

    [Fact]
    public async Task Root_and_CAP_SYS_RESOURCE_are_exempt_from_the_limit_of_user_processes()
    {
        string[][] exempt =
        [
            ["limit 1"],
            ["as nocap", "limit 1"],
            ["as resource", "limit 1"],
            // The kernel asks for the uid of the initial namespace, whose root this one is.
            ["as userns", "limit 1"],
        ];
        var cases = new List<ConstraintCase>();
        foreach (var steps in exempt)
        {
            cases.Add(CaseOf(await StartAsync(Idle, steps), Errno.None));
        }

        // Root of its own namespace only: every capability there, none here.
        cases.Add(CaseOf(await StartAsync(Idle, "as nobody", "as userns", "limit 1"), Errno.TryAgain, 1, 1));

        ConstraintTrial.AssertRight(await machine.TryAsync(UserProcesses, cases));
    }

    /// <summary>A uid in a user namespace is another user: its limit counts the tasks of that namespace alone.</summary>
    [Fact]
    public async Task Tasks_in_a_user_namespace_count_apart()
    {
        await (await StartAsync(Idle, "as nobody")).DoAsync("hold 5");
        var inside = await StartAsync(Idle, "as nobody", "as userns", "limit 3");
        await inside.DoAsync("hold 1");
        var trials = new List<ConstraintTrial>(await machine.TryAsync(UserProcesses, CaseOf(inside, Errno.None, 2, 3)));
        await inside.DoAsync("hold 1");
        trials.AddRange(await machine.TryAsync(UserProcesses, CaseOf(inside, Errno.TryAgain, 3, 3)));

        ConstraintTrial.AssertRight(trials);
    }

    /// <summary>Nobody can read the limit that the creator of a namespace had at that time: check must name it as not checked.</summary>
    [Fact]
    public async Task The_limit_of_a_creator_of_a_user_namespace_refuses_forks_within()
    {
        var other = await StartAsync(Idle, "as nobody");
        await other.DoAsync("hold 1");
        var inside = await StartAsync(Idle, "as nobody", "limit 3", "as userns");
        await Guest.LimitTasksAsync(inside, 100);
        var verdict = Assert.Single(await machine.CheckAsync([inside]));

        Assert.Equal(Errno.TryAgain, (await inside.ForkAsync()).Error);
        Assert.Contains("CreatorLimit", verdict.NotChecked, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Verdicts_follow_a_limit_of_user_processes_that_moves()
    {
        var victim = await StartAsync(Idle, "as nobody");
        await victim.DoAsync("hold 3");
        var trials = new List<ConstraintTrial>();
        foreach (var limit in (long[])[8, 4, 2, 5, 4])
        {
            await Guest.LimitTasksAsync(victim, limit);
            trials.AddRange(
                await machine.TryAsync(UserProcesses, CaseOf(victim, limit > 4 ? Errno.None : Errno.TryAgain, 4, limit))
            );
        }

        ConstraintTrial.AssertRight(trials);
    }

    private static ConstraintCase CaseOf(GuestVictim victim, int error, long? used = null, long? limit = null) =>
        new(victim, error)
        {
            Description = limit is null ? "exempt" : Text($"{used} of {limit}"),
            Used = used,
            Limit = limit,
            Scope = limit is null ? null : nameof(ConstraintScope.User),
        };
}
