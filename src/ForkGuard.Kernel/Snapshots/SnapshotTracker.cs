namespace ForkGuard.Kernel.Snapshots;

/// <summary>
/// Learns what saves cost, from one reading a scan: the most by which anonymous memory of the cgroup is higher while a
/// child lives than before or after. Pure: it reads nothing.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
/// <param name="maxProcesses">Processes remembered at most; further ones have no learned peak.</param>
public sealed class SnapshotTracker(int maxProcesses = 1024)
{
    private readonly Dictionary<(int Pid, ulong StartTime), History> _histories = [];
    private long _scan;

    /// <summary>Starts a scan.</summary>
    public void BeginScan() => _scan++;

    /// <summary>Forgets the processes that this scan has not updated.</summary>
    public void EndScan()
    {
        foreach (var (key, history) in _histories)
        {
            if (history.Scan != _scan)
            {
                _histories.Remove(key);
            }
        }
    }

    /// <summary>The process has saved while it was tracked: it is to be updated in every scan.</summary>
    public bool Knows(int pid, ulong startTime) => _histories.ContainsKey((pid, startTime));

    /// <summary>Adds one reading of a process and returns it with what earlier readings show.</summary>
    /// <param name="reading">Room, cost and child of this scan.</param>
    /// <param name="now">Time of the reading, of a clock that may not go back.</param>
    public SnapshotReading Update(in SnapshotReading reading, DateTimeOffset now)
    {
        var key = (reading.Pid, reading.StartTime);
        if (!_histories.TryGetValue(key, out var history))
        {
            if (_histories.Count >= maxProcesses)
            {
                return reading;
            }

            history = new History();
            _histories.Add(key, history);
        }

        history.Scan = _scan;
        history.Add(reading, now);
        var updated = reading with
        {
            LearnedPeakBytes = history.Peak,
            TakenBytes = history.Taken,
            SharedBytes = history.SharedOf(reading),
        };
        return reading.Room.IsThrottled || updated.MaySurvive
            ? updated
            : updated with
            {
                SecondsLeft = history.SecondsLeft(reading.Room.Bytes.High),
            };
    }

    private sealed class History
    {
        private int _child;
        private ulong _before;
        private ulong _most;
        private (ulong Anonymous, ulong Own, DateTimeOffset Time)? _last;
        private double _growth;
        private Int128 _others;

        internal long Scan { get; set; }

        internal ulong? Peak { get; private set; }

        /// <summary>Bytes that the save that runs has taken.</summary>
        internal ulong Taken { get; private set; }

        internal void Add(in SnapshotReading reading, DateTimeOffset now)
        {
            var (child, own) = (reading.ChildPid, reading.Memory.Anonymous);
            if (reading.Room.Anonymous is not { } bytes)
            {
                End(after: null);
                _last = null;
                return;
            }

            if (child != _child)
            {
                // A second child without a scan in between: what the first one took is still held, or was given back.
                var before = _child == 0 ? _last : null;
                End(child == 0 ? bytes : null);
                _child = child;
                _before = before?.Anonymous ?? bytes;
                _most = 0;
                // Before the fork, the cgroup has the memory of the process and that of others; later, each shared page once.
                _others = before is { } known
                    ? (Int128)known.Anonymous - known.Own
                    : (Int128)bytes - Math.Max(own, reading.ChildMemory?.Anonymous ?? 0);
            }

            if (child != 0)
            {
                _most = Math.Max(_most, bytes);
                Taken = Saturating.Subtract(bytes, _before);
                Learn(Saturating.Subtract(_most, _before));
                var seconds = _last is { } last ? (now - last.Time).TotalSeconds : 0;
                _growth = seconds > 0 ? (bytes - (double)_last!.Value.Anonymous) / seconds : 0;
            }

            _last = (bytes, own, now);
        }

        /// <summary>
        /// Memory that parent and child share: both have it, and the cgroup counts it once. A page in swap may be copied when it
        /// comes back.
        /// </summary>
        internal ulong? SharedOf(in SnapshotReading reading)
        {
            if (_child == 0 || reading.ChildMemory is not { } child || reading.Room.Anonymous is not { } anonymous)
            {
                return null;
            }

            var (own, its) = (reading.Memory.Anonymous, child.Anonymous);
            var shared = (ulong)Int128.Clamp((Int128)own + its + _others - anonymous, 0, Math.Min(own, its));
            var swapped = Math.Max(reading.Memory.Swapped, child.Swapped);
            return Math.Min(Saturating.Add(shared, swapped), Saturating.Add(own, reading.Memory.Swapped));
        }

        internal long? SecondsLeft(ulong room) => _child != 0 && _growth >= 1 ? (long)(room / _growth) : null;

        /// <summary>
        /// Memory that falls with the end of the child was its cost, also where the time before it was not seen.
        /// </summary>
        private void End(ulong? after)
        {
            if (after is { } bytes)
            {
                Learn(Saturating.Subtract(_most, bytes));
            }

            _child = 0;
            _growth = 0;
            Taken = 0;
        }

        private void Learn(ulong cost) => Peak = cost > 0 ? Math.Max(Peak ?? 0, cost) : Peak;
    }
}
