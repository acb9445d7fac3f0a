using System.Globalization;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Lab.Tests.Programs;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Runtimes;

/// <summary>The script of a runtime, running in a guest.</summary>
internal sealed class GrowingProgram
{
    private readonly Guest _guest;
    private readonly Runtime _runtime;

    private GrowingProgram(Guest guest, Runtime runtime, int pid)
    {
        _guest = guest;
        _runtime = runtime;
        Pid = pid;
    }

    internal int Pid { get; }

    internal static async Task<GrowingProgram> StartAsync(Guest guest, Runtime runtime)
    {
        await guest.SpawnAsync(runtime.Package, $"{runtime.Program} /{runtime.Script}");
        var ready = (await guest.LineAsync(runtime.Package)).Split(' ');
        Assert.True(ready is ["ready", _], $"{runtime.Program} said: {string.Join(' ', ready)}");
        return new(guest, runtime, int.Parse(ready[1], CultureInfo.InvariantCulture));
    }

    /// <param name="how"><c>write</c>, or <c>reserve</c> for memory that is never touched.</param>
    /// <param name="mebibytes">How much more.</param>
    internal async Task GrowAsync(string how, int mebibytes) =>
        Assert.Equal(
            ["ok"],
            await _guest.TellAsync(_runtime.Package, string.Create(CultureInfo.InvariantCulture, $"{how} {mebibytes}"))
        );

    internal async Task<ProgramFork> StartChildAsync(string call)
    {
        var answer = await _guest.TellAsync(_runtime.Package, $"start {call}");
        var isRefused = _runtime.Refusals.TryGetValue(call, out var refusal) && answer[0] == refusal;
        Assert.True(isRefused || answer[0] == "started", $"{_runtime.Package}, {call}: {answer[0]}");
        return new(ForkOutcome.Of(Pid, isRefused ? Errno.NoMemory : Errno.None, answer.Skip(1)), answer[0]);
    }
}
