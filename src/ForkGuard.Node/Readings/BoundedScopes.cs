using ForkGuard.Api;

namespace ForkGuard.Node.Readings;

/// <summary>
/// Bounds the scope names of a report. A scan has whole paths, which identify cgroups; the API server refuses long ones.
/// </summary>
internal static class BoundedScopes
{
    internal static ProcessReport WithBoundedScopes(this ProcessReport report) =>
        report.Constraints?.Any(constraint => constraint.ScopeName?.Length > BoundedPath.MaxLength) == true
            ? report with
            {
                Constraints =
                [
                    .. report.Constraints.Select(constraint =>
                        constraint with
                        {
                            ScopeName = constraint.ScopeName is { } name ? BoundedPath.Of(name) : null,
                        }
                    ),
                ],
            }
            : report;
}
