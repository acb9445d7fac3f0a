using ForkGuard.Fuzz;
using SharpFuzz;

if (args is not [var name] || !FuzzTargets.All.TryGetValue(name, out var target))
{
    Console.Error.WriteLine(
        $"usage: ForkGuard.Fuzz {string.Join('|', FuzzTargets.All.Keys)} (the bytes come on standard input)"
    );
    return 2;
}

// Under afl-fuzz this goes on for as long as the fuzzer likes; without, it takes one input.
Fuzzer.Run(stream =>
{
    using var bytes = new MemoryStream();
    stream.CopyTo(bytes);
    target(bytes.ToArray());
});
return 0;
