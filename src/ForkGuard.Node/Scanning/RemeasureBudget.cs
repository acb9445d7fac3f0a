using System.Diagnostics;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// Time for measuring again what was only kept, in one scan. A measurement that costs more than is left is made when nothing is
/// owed, and later scans pay it off.
/// </summary>
internal sealed class RemeasureBudget(TimeSpan perScan)
{
    private TimeSpan _spent;

    internal int Count { get; private set; }

    internal bool IsLeft => _spent < perScan;

    internal void Begin()
    {
        _spent = _spent > perScan ? _spent - perScan : TimeSpan.Zero;
        Count = 0;
    }

    internal T Spend<T>(Func<T> measure)
    {
        var started = Stopwatch.GetTimestamp();
        var result = measure();
        _spent += Stopwatch.GetElapsedTime(started);
        Count++;
        return result;
    }
}
