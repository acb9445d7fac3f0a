namespace ForkGuard.Lab.Tests.Judging;

/// <summary>Names of scenarios that the report counts.</summary>
internal static class Scenarios
{
    internal const string Random = "random";
}
