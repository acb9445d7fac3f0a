using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests;

/// <summary>A kernel of Debian's, booted once for all tests of a class.</summary>
public abstract class KernelFixture(LabReport report, string suite, int mebibytes, int cpus) : IAsyncLifetime
{
    private VirtualMachine? _machine;

    internal Bench Bench { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var kernel = await LabKernel.FetchAsync(suite);
        _machine = await VirtualMachine.BootAsync(kernel, $"{suite}-{cpus}", mebibytes, cpus, await FilesAsync());
        Bench = new Bench(new Guest(_machine), $"{kernel.Release}, {mebibytes} MiB, {cpus} CPU", report);
    }

    /// <summary>Further files of the guest: paths there, and the files that are copied.</summary>
    internal virtual Task<IReadOnlyDictionary<string, string>> FilesAsync() =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>(StringComparer.Ordinal));

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
public sealed class SidKernel(LabReport report) : KernelFixture(report, "sid", mebibytes: 256, cpus: 2)
{
    /// <summary>Starts a victim with the C library of sid.</summary>
    internal const string NewVictim = "/sid/ld-linux-x86-64.so.2 --library-path /sid /sid/victim";

    internal override async Task<IReadOnlyDictionary<string, string>> FilesAsync()
    {
        var folder = await LabKernel.FetchLibcAsync("sid");
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["/sid/ld-linux-x86-64.so.2"] = Path.Combine(folder, "ld-linux-x86-64.so.2"),
            ["/sid/libc.so.6"] = Path.Combine(folder, "libc.so.6"),
            ["/sid/victim"] = await CProgram.BuildDynamicAsync("victim", "victim-dynamic"),
        };
    }
}

/// <summary>More CPUs that each keep back a part of the counter, and a larger part.</summary>
public sealed class LargeKernel(LabReport report) : KernelFixture(report, "trixie", mebibytes: 1024, cpus: 4);

public sealed class BookwormTests(BookwormKernel kernel, ITestOutputHelper output)
    : KernelTests(kernel, output),
        IClassFixture<BookwormKernel>;

public sealed class TrixieTests(TrixieKernel kernel, ITestOutputHelper output)
    : KernelTests(kernel, output),
        IClassFixture<TrixieKernel>;

public sealed partial class SidTests(SidKernel kernel, ITestOutputHelper output)
    : KernelTests(kernel, output),
        IClassFixture<SidKernel>;

public sealed class LargeTests(LargeKernel kernel, ITestOutputHelper output)
    : KernelTests(kernel, output),
        IClassFixture<LargeKernel>;
