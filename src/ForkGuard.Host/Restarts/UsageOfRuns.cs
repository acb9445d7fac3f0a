using ForkGuard.Api;
using ForkGuard.Host.Systemd;

namespace ForkGuard.Host.Restarts;

/// <summary>
/// Usage of units when it first asked for a restart in their present run. The cgroup of a unit that is restarted keeps its path, so
/// that a reading may show the growth of an earlier run.
/// </summary>
internal sealed class UsageOfRuns
{
    private readonly Dictionary<(string Unit, string Type, string? Scope), (string Run, long Used)> _first = [];

    /// <summary>The usage grew in the present run of the unit, as far as its readings distinguish the runs.</summary>
    internal bool HasGrown(UnitState unit, ConstraintReport constraint)
    {
        if (constraint.Settled is not { } settled || settled.Time >= unit.StartedTime)
        {
            return true;
        }

        var key = (unit.Id, constraint.Type.Text, constraint.ScopeName);
        var least =
            _first.TryGetValue(key, out var first)
            && string.Equals(first.Run, unit.InvocationId, StringComparison.Ordinal)
            && first.Used < constraint.Used
                ? first.Used
                : constraint.Used;
        _first[key] = (unit.InvocationId, least);
        return constraint.Used - least > constraint.Limit / 100;
    }
}
