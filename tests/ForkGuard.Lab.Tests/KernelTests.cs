using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests;

/// <summary>What holds on every kernel: forkguard's verdict is what fork does. Each test finds the guest as it booted.</summary>
[Trait("Needs", "Machine")]
public abstract partial class KernelTests(KernelFixture kernel, ITestOutputHelper output) : IAsyncLifetime
{
    private Bench Bench => kernel.Bench;

    private Guest Guest => kernel.Bench.Guest;

    public async ValueTask InitializeAsync()
    {
        output.WriteLine($"{Bench.Kernel}; {Seed.Variable}={Seed.Run}");
        await Bench.ResetAsync();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>No verdict is wrong outside its stated error, and the kernel's log says what fork said.</summary>
    private static void AssertRight(IReadOnlyCollection<Trial> trials)
    {
        Assert.NotEmpty(trials);
        Assert.True(
            !trials.Any(t => t.IsWrongOutsideItsError || t.Witness == Witness.Contradicts),
            $"{Seed.Variable}={Seed.Run}\n{string.Join('\n', trials.Where(t => t.IsWrongOutsideItsError || t.Witness == Witness.Contradicts).Select(t => t.Describe()))}"
        );
    }
}
