using System.Globalization;
using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Programs;

/// <summary>
/// A machine of its own for real programs, with enough memory that what binds is what may be committed. What lies in
/// tests/lab for them is in the root of the guest.
/// </summary>
public abstract class ProgramMachine(
    LabReport report,
    string name,
    IReadOnlyList<string> packages,
    IReadOnlyList<string> paths,
    IReadOnlyList<string> files
) : IAsyncLifetime
{
    private const int Mebibytes = 768;
    private const int Cpus = 2;

    private VirtualMachine? _machine;
    private string _name = "";
    private DebianPrograms _programs = null!;

    internal Guest Guest { get; private set; } = null!;

    internal LabReport Report => report;

    public async ValueTask InitializeAsync()
    {
        _programs = await DebianPrograms.FetchAsync(packages, paths);
        var kernel = await LabKernel.FetchAsync("trixie");
        Dictionary<string, string> contents = new(_programs.Files, StringComparer.Ordinal);
        foreach (var file in files)
        {
            contents[$"/{file}"] = Path.Combine(RepositoryPaths.Root, "tests", "lab", file);
        }

        _machine = await VirtualMachine.BootAsync(kernel, name, Mebibytes, Cpus, contents);
        Guest = new Guest(_machine);
        _name = $"{kernel.Release}, {Mebibytes} MiB, {Cpus} CPU, {name}";
    }

    internal async Task<GuestVerdict> CheckAsync(int pid)
    {
        var answer = await Guest.RunAsync(
            Initramfs.ForkGuard,
            "check",
            "-o",
            "json",
            pid.ToString(CultureInfo.InvariantCulture)
        );
        return Assert.Single(
            answer.Where(line => line.StartsWith('{')).Select(GuestVerdict.Parse).OfType<GuestVerdict>()
        );
    }

    /// <summary>Holds a verdict against the fork that followed, and what the program itself said about that fork.</summary>
    internal ProgramTrial Judge(string package, string call, string size, GuestVerdict verdict, ProgramFork fork)
    {
        var witness = fork.Outcome.Log.Count > 0 == fork.Outcome.IsRefused ? Witness.Agrees : Witness.Contradicts;
        return new(
            $"{package} {_programs.Versions[package]}, {call}",
            size,
            new(_name, package, $"{call}, {size}", verdict, fork.Outcome, witness),
            fork.Words
        );
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
