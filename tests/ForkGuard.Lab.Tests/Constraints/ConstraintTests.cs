using System.Globalization;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>The verdict about each constraint is the fork that the kernel grants or refuses. Each test finds the guest as it booted.</summary>
[Trait("Needs", "Machine")]
public abstract partial class ConstraintTests(ConstraintMachine machine, ITestOutputHelper output) : IAsyncLifetime
{
    private const string Idle = "idle 0";

    private static readonly CgroupDriver[] Drivers = Enum.GetValues<CgroupDriver>();

    private Guest Guest => machine.Guest;

    private CgroupTree Cgroups => machine.Cgroups;

    public async ValueTask InitializeAsync()
    {
        output.WriteLine(machine.Name);
        await machine.ResetAsync();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Sets the mode of overcommit, with a limit in mode 2 that only bounds what has no part in these tests.</summary>
    private async Task SetModeAsync(int mode)
    {
        await Guest.SetAsync("vm/overcommit_ratio", 100_000);
        await Guest.SetModeAsync(mode);
    }

    /// <summary>Starts a process outside of all containers.</summary>
    private async Task<GuestVictim> StartAsync(string arguments, params string[] steps)
    {
        var victim = await Guest.StartAsync(arguments, string.Join(", ", steps), steps);
        Assert.True(victim.Pid is not null, $"{victim.Layout}: {victim.Refusal}");
        return victim;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

public sealed class BookwormConstraintTests(BookwormControllers machine, ITestOutputHelper output)
    : ConstraintTests(machine, output),
        IClassFixture<BookwormControllers>;

public sealed class TrixieConstraintTests(TrixieCgroups machine, ITestOutputHelper output)
    : ConstraintTests(machine, output),
        IClassFixture<TrixieCgroups>;

public sealed class SidConstraintTests(SidCgroups machine, ITestOutputHelper output)
    : ConstraintTests(machine, output),
        IClassFixture<SidCgroups>;
