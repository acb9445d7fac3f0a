using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Redis;

/// <summary>A machine of its own that has Redis, with enough memory that what binds is what may be committed.</summary>
public sealed class RedisMachine(LabReport report) : IAsyncLifetime
{
    private const int Mebibytes = 768;
    private const int Cpus = 2;

    private VirtualMachine? _machine;

    internal Guest Guest { get; private set; } = null!;

    /// <summary>As the table has it.</summary>
    internal string Name { get; private set; } = "";

    internal LabReport Report => report;

    public async ValueTask InitializeAsync()
    {
        var files = await RedisPackage.FetchAsync();
        var kernel = await LabKernel.FetchAsync("trixie");
        _machine = await VirtualMachine.BootAsync(kernel, "redis", Mebibytes, Cpus, files);
        Guest = new Guest(_machine);
        Name = $"{kernel.Release}, {Mebibytes} MiB, {Cpus} CPU, Redis";
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await _machine.DisposeAsync();
        }
    }
}
