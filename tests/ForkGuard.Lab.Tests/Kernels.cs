using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests;

/// <summary>A kernel of Debian's, booted once for all tests of a class.</summary>
public abstract class KernelFixture(LabReport report, string suite, int mebibytes, int cpus) : IAsyncLifetime
{
    private VirtualMachine? _machine;

    internal Bench Bench { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var kernel = await LabKernel.FetchAsync(suite);
        _machine = await VirtualMachine.BootAsync(kernel, $"{suite}-{cpus}", mebibytes, cpus);
        Bench = new Bench(new Guest(_machine), $"{kernel.Release}, {mebibytes} MiB, {cpus} CPU", report);
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await _machine.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}

public sealed class BookwormKernel(LabReport report) : KernelFixture(report, "bookworm", mebibytes: 256, cpus: 1);

public sealed class TrixieKernel(LabReport report) : KernelFixture(report, "trixie", mebibytes: 256, cpus: 1);

/// <summary>The newest that Debian has; its counter of commitments is spread over two CPUs.</summary>
public sealed class SidKernel(LabReport report) : KernelFixture(report, "sid", mebibytes: 256, cpus: 2);

/// <summary>More CPUs that each keep back a part of the counter, and a larger part.</summary>
public sealed class LargeKernel(LabReport report) : KernelFixture(report, "trixie", mebibytes: 1024, cpus: 4);

public sealed class BookwormTests(BookwormKernel kernel, ITestOutputHelper output)
    : KernelTests(kernel, output),
        IClassFixture<BookwormKernel>;

public sealed class TrixieTests(TrixieKernel kernel, ITestOutputHelper output)
    : KernelTests(kernel, output),
        IClassFixture<TrixieKernel>;

public sealed class SidTests(SidKernel kernel, ITestOutputHelper output)
    : KernelTests(kernel, output),
        IClassFixture<SidKernel>;

public sealed class LargeTests(LargeKernel kernel, ITestOutputHelper output)
    : KernelTests(kernel, output),
        IClassFixture<LargeKernel>;
