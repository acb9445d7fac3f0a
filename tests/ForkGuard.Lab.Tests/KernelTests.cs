using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests;

/// <summary>What holds on every kernel: forkguard's verdict is what fork does. Each test finds the guest as it booted.</summary>
[Trait("Needs", "Machine")]
public abstract partial class KernelTests(KernelFixture kernel, ITestOutputHelper output) : IAsyncLifetime
{
    // What check commits while it runs, and what the kernel keeps back from it: it reserves 870 MiB of addresses, and a
    // 32nd of those, or the user reserve if that is less, is not for it.
    private const long CheckPages = 9000;
    private const long CheckReserve = 7000;

    /// <summary>A fork must charge more than check itself needs to run, or near the limit of mode 2 there is no check.</summary>
    private long _strictPages;

    private protected Bench Bench => kernel.Bench;

    private protected Guest Guest => kernel.Bench.Guest;

    public async ValueTask InitializeAsync()
    {
        output.WriteLine($"{Bench.Kernel}; {Seed.Variable}={Seed.Run}");
        await Bench.ResetAsync();
        _strictPages = CheckPages + Math.Min(await Guest.GetAsync("vm/user_reserve_kbytes") / 4, CheckReserve);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>No verdict is wrong outside its stated error, and the kernel's log says what fork said.</summary>
    private protected static void AssertRight(IReadOnlyCollection<Trial> trials)
    {
        Assert.NotEmpty(trials);
        Assert.True(
            !trials.Any(t => t.IsWrongOutsideItsError || t.Witness == Witness.Contradicts),
            $"{Seed.Variable}={Seed.Run}\n{string.Join('\n', trials.Where(t => t.IsWrongOutsideItsError || t.Witness == Witness.Contradicts).Select(t => t.Describe()))}"
        );
    }
}
