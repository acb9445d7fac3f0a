using System.Globalization;
using System.Runtime.CompilerServices;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Readings;
using ForkGuard.Node.Tests.Scanning;
using Condition = ForkGuard.Testing.Condition;

namespace ForkGuard.Node.Tests.Readings;

/// <summary>Stacks of threads of this very process, as the kernel shows their stack pointers.</summary>
[Trait("Needs", "Machine")]
public sealed class MappingKindsTests : IDisposable
{
    /// <summary>Larger than the stacks of ended threads that glibc keeps, so that new ones lie side by side.</summary>
    private const int StackBytes = 32 << 20;

    private readonly ManualResetEventSlim _end = new();
    private readonly List<Thread> _threads = [];

    public void Dispose()
    {
        _end.Set();
        _threads.ForEach(thread => thread.Join());
        _end.Dispose();
    }

    [Fact]
    public async Task A_mapping_with_stacks_all_over_it_is_one_of_thread_stacks()
    {
        var pointers = StartThreads(8);
        // A thread that still runs shows no stack pointer.
        await Condition.HoldsAsync(
            () => KindOf(pointers[0] - StackBytes, pointers[^1] + StackBytes) == MappingKind.ThreadStacks,
            "all threads wait",
            TestContext.Current.CancellationToken
        );
    }

    [Fact]
    public void A_mapping_with_stacks_at_one_end_is_anonymous()
    {
        var pointers = StartThreads(8);
        var length = pointers[^1] - pointers[0] + StackBytes;
        Assert.Equal(MappingKind.Anonymous, KindOf(pointers[0] - (20 * length), pointers[^1] + StackBytes));
    }

    [Fact]
    public void A_mapping_without_stacks_is_anonymous() =>
        Assert.Equal(MappingKind.Anonymous, KindOf(0x1000, 0x200000));

    private static MappingKind KindOf(ulong start, ulong end)
    {
        var constraint = Scans.Constraint(ConstraintType.LargestMapping, 90) with
        {
            Mapping = new MappingReport
            {
                Start = start.ToString("x", CultureInfo.InvariantCulture),
                End = end.ToString("x", CultureInfo.InvariantCulture),
                Kind = MappingKind.Anonymous,
            },
        };
        var self = new ProcessIdentity(Environment.ProcessId, 1);
        return new MappingKinds(new ProcRoot()).Complete(self, constraint).Mapping!.Kind.Known!.Value;
    }

    /// <summary>Threads that wait, and an address in the stack of each, in ascending order.</summary>
    private ulong[] StartThreads(int count)
    {
        var pointers = new ulong[count];
        using var started = new CountdownEvent(count);
        for (var i = 0; i < count; i++)
        {
            var index = i;
            var thread = new Thread(
                () =>
                {
                    pointers[index] = AddressInStack();
                    started.Signal();
                    _end.Wait();
                },
                StackBytes
            );
            _threads.Add(thread);
            thread.Start();
        }

        started.Wait(TestContext.Current.CancellationToken);
        Array.Sort(pointers);
        return pointers;
    }

    private static unsafe ulong AddressInStack()
    {
        byte local = 0;
        return (ulong)Unsafe.AsPointer(ref local);
    }
}
