using System.Xml.Linq;

namespace ForkGuard.Architecture.Tests;

/// <summary>Dependencies point one way, and few may see a package.</summary>
public class DependencyTests
{
    private const string Full = "KubernetesClient";
    private const string Aot = "KubernetesClient.Aot";

    private static readonly Dictionary<string, ProjectRule> Rules = new(StringComparer.Ordinal)
    {
        ["ForkGuard.Api"] = new([], MaySeePackages: false),
        ["ForkGuard.Kernel"] = new(["ForkGuard.Api"], MaySeePackages: false),
        ["ForkGuard.Policy"] = new(["ForkGuard.Api"], MaySeePackages: false),
        ["ForkGuard.Manifests"] = new(["ForkGuard.Api"]),
        ["ForkGuard.Node"] = new(["ForkGuard.Policy", "ForkGuard.Kernel", "ForkGuard.Api"], MaySeePackages: false),
        ["ForkGuard.Host"] = new(["ForkGuard.Policy", "ForkGuard.Api"], Except: Full),
        ["ForkGuard.Agent"] = new(["ForkGuard.Node", "ForkGuard.Kernel", "ForkGuard.Api"], Except: Full),
        ["ForkGuard.Cli"] = new(
            [
                "ForkGuard.Agent",
                "ForkGuard.Host",
                "ForkGuard.Node",
                "ForkGuard.Manifests",
                "ForkGuard.Policy",
                "ForkGuard.Telemetry",
                "ForkGuard.Kernel",
                "ForkGuard.Api",
            ],
            Except: Full
        ),
        ["ForkGuard.Telemetry"] = new([]),
        ["ForkGuard.ControllerRuntime"] = new([], Except: Aot),
        ["ForkGuard.Controller"] = new(
            ["ForkGuard.Policy", "ForkGuard.ControllerRuntime", "ForkGuard.Telemetry", "ForkGuard.Api"],
            Except: Aot
        ),
    };

    private static IEnumerable<ProjectFile> Sources => SourceTree.Below("src", ".csproj").Select(ProjectFile.Read);

    [Fact]
    public void Every_project_has_its_place_in_the_table() =>
        Assert.Empty(Sources.Select(project => project.Name).Except(Rules.Keys, StringComparer.Ordinal));

    [Fact]
    public void Projects_reference_only_what_the_table_allows() =>
        Assert.Empty(
            from project in Sources
            from reference in project.Projects
            where !RuleOf(project).Projects.Contains(reference, StringComparer.Ordinal)
            select $"{project.Name} -> {reference}"
        );

    [Fact]
    public void The_contract_the_kernel_and_the_policy_see_no_package() =>
        Assert.Empty(
            from project in Sources
            where !RuleOf(project).MaySeePackages
            from package in project.Packages
            select $"{project.Name} -> {package}"
        );

    /// <summary>Both packages define the same types: a program that saw both would not compile, or worse.</summary>
    [Fact]
    public void Nobody_sees_the_other_Kubernetes_client() =>
        Assert.Empty(
            from project in Sources
            from package in project.Packages
            where string.Equals(package, RuleOf(project).Except, StringComparison.Ordinal)
            select $"{project.Name} -> {package}"
        );

    /// <summary>A package for all projects that were not private would be one of the contract's too.</summary>
    [Fact]
    public void Packages_for_all_projects_are_analyzers() =>
        Assert.Empty(
            XDocument
                .Parse(SourceTree.Read("Directory.Build.props"))
                .Descendants("PackageReference")
                .Where(package =>
                    package.Attribute("PrivateAssets")?.Value is not "all"
                    && package.Parent?.Attribute("Condition")?.Value.Contains("IsTestProject", StringComparison.Ordinal)
                        != true
                )
                .Select(package => package.Attribute("Include")?.Value)
        );

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = SourceTree.Read("ForkGuard.sln");
        Assert.All(
            SourceTree.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)),
            file => Assert.Contains(file.Replace('/', '\\'), solution, StringComparison.Ordinal)
        );
    }

    private static ProjectRule RuleOf(ProjectFile project) => Rules.GetValueOrDefault(project.Name) ?? new([]);

    /// <summary>References that a project may have.</summary>
    private sealed record ProjectRule(string[] Projects, bool MaySeePackages = true, string? Except = null);
}
