using Microsoft.Extensions.Configuration;
using MlTr.Silo.Hosting;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using Settings = MlTr.Silo.Hosting.Settings;

namespace MlTr.Silo.Tests.Hosting;

/// <summary>
/// The compose file against what the Compose specification requires of the parts that it uses, and against what the program knows: a container must
/// not be started with a setting that nobody reads.
/// </summary>
public sealed class ComposeTests
{
    private static readonly string Root = FindRoot();

    private static readonly string[] ServiceKeys =
    [
        "build", "image", "restart", "stop_grace_period", "depends_on", "volumes", "environment", "healthcheck", "profiles", "deploy", "ports", "command", "secrets",
    ];

    private static readonly Dictionary<object, object> File = Load();

    private static readonly Dictionary<string, Dictionary<object, object>> Services = Map(File, "services").ToDictionary(pair => (string)pair.Key, pair => (Dictionary<object, object>)pair.Value);

    public static TheoryData<string> OfTheProgram => [.. Services.Where(service => service.Value.ContainsKey("build")).Select(service => service.Key)];

    [Fact]
    public void Services_AreTheClusterOfTheHowTo_AndUseKnownKeysOnly()
    {
        Assert.Equal(["control-1", "control-2", "dashboard", "postgres", "redis", "worker", "worker-gpu"], Services.Keys.Order(StringComparer.Ordinal));
        Assert.All(File.Keys, key => Assert.True(key is "name" or "services" or "volumes" or "secrets" || ((string)key).StartsWith("x-", StringComparison.Ordinal), $"{key}"));
        Assert.All(Services, service => Assert.Empty(service.Value.Keys.Cast<string>().Except(ServiceKeys)));
    }

    [Fact]
    public void DependsOn_NamesServices_AndWaitsOnlyForThoseThatCanBecomeHealthy()
    {
        foreach (var (name, service) in Services)
        {
            foreach (var (other, condition) in Map(service, "depends_on"))
            {
                Assert.True(Services.TryGetValue((string)other, out var awaited), $"{name} depends on {other}, which there is not.");
                Assert.Equal("service_healthy", ((Dictionary<object, object>)condition)["condition"]);
                Assert.True(awaited.ContainsKey("healthcheck"), $"{name} waits for {other}, which has no health check.");
            }
        }
    }

    [Fact]
    public void HealthChecks_AskWhatTheServiceHas()
    {
        var checks = Services.Where(service => service.Value.ContainsKey("healthcheck")).ToDictionary(service => service.Key, service => Map(service.Value, "healthcheck"));

        Assert.Equal(["control-1", "control-2", "dashboard", "postgres", "redis"], checks.Keys.Order(StringComparer.Ordinal));
        Assert.All(checks.Values, check => Assert.Empty(check.Keys.Cast<string>().Except(["test", "interval", "timeout", "retries", "start_period"])));
        Assert.All(checks.Values, check => Assert.Contains(((List<object>)check["test"])[0], (object[])["CMD", "CMD-SHELL"]));
        Assert.All(checks.Where(check => check.Key is not ("postgres" or "redis")), check => Assert.Contains("http://127.0.0.1:5080/health/ready", (List<object>)check.Value["test"]));
    }

    [Fact]
    public void Volumes_AreDeclared_AndPortsAreOpenOnThisMachineOnly()
    {
        var declared = Map(File, "volumes").Keys;
        foreach (var mount in Services.Values.SelectMany(service => List(service, "volumes")))
        {
            Assert.Contains(((string)mount).Split(':')[0], declared);
        }

        Assert.All(Services.Values.SelectMany(service => List(service, "ports")), port => Assert.StartsWith("127.0.0.1:", (string)port, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(OfTheProgram))]
    public void Settings_AreReadByTheProgram_AndMakeAProcessOfTheCluster(string service)
    {
        var settings = Environment(service).Where(pair => pair.Key.StartsWith(Settings.EnvironmentPrefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[Settings.EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal), string? (pair) => pair.Value);
        var configuration = new ConfigurationBuilder();
        configuration.AddPlatformSettings(settings);

        var options = configuration.Build().ReadPlatform();

        var known = typeof(PlatformOptions).GetProperties().Where(property => property.CanWrite).Select(property => $"{PlatformOptions.Section}:{property.Name}").Append("AllowedHosts");
        Assert.Empty(settings.Keys.Except(known));
        Assert.True(options is { IsShared: true, Address: HostAddress.Auto, Data: "/data" });
        Assert.Contains("data:/data", List(Services[service], "volumes"));
        Assert.Equal(service.Split('-')[0], options.Roles);
    }

    [Fact]
    public void FirstAdmin_IsOfTheServiceThatOthersReach_WithAPasswordThatIsASecret()
    {
        Assert.Equal(["dashboard"], OfTheProgram.Select(service => service.Data).Where(service => Environment(service).GetValueOrDefault("MLTR__Platform__Urls")?.Contains("0.0.0.0", StringComparison.Ordinal) == true));
        var settings = Environment("dashboard");

        Assert.Equal("admin", settings["MLTR__Platform__FirstAdmin"]);
        var secret = Assert.Single(List(Services["dashboard"], "secrets"));
        Assert.Equal($"/run/secrets/{secret}", settings["MLTR__Platform__FirstAdminPasswordFile"]);
        Assert.Equal("MLTR_ADMIN_PASSWORD", Map(Map(File, "secrets"), (string)secret)["environment"]);
    }

    [Fact]
    public void Gpu_IsAskedForInItsProfileOnly()
    {
        Assert.Equal("cuda:0", Environment("worker-gpu")["MLTR__Platform__Device"]);
        Assert.Equal(["gpu"], List(Services["worker-gpu"], "profiles"));
        var device = (Dictionary<object, object>)List(Map(Map(Map(Services["worker-gpu"], "deploy"), "resources"), "reservations"), "devices").Single();
        Assert.Equal("nvidia", device["driver"]);
        Assert.Equal(["gpu"], (List<object>)device["capabilities"]);
        Assert.All(Services.Where(service => service.Key != "worker-gpu"), service => Assert.False(service.Value.ContainsKey("deploy")));
    }

    [Fact]
    public void Profiles_AreThoseOfTheChoices_AndRedisIsMetInOnlyIfItIsAskedFor()
    {
        Assert.Equal(["redis", "worker-gpu"], Services.Where(service => service.Value.ContainsKey("profiles")).Select(service => service.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["redis"], List(Services["redis"], "profiles"));
        Assert.All(OfTheProgram, service => Assert.Equal("", Environment(service.Data)["MLTR__Platform__Membership"]));
    }

    [Fact]
    public void Dockerfile_CopiesWhatThereIs_AndRunsAsNobodySpecial()
    {
        var lines = System.IO.File.ReadAllLines(Path.Combine(Root, "Dockerfile"));
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]).ToList();

        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(Root, path)), $"COPY {path}: there is none."));
        Assert.Equal(
            Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            copied.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("USER ${APP_UID}", lines);
        Assert.True(Array.FindIndex(lines, line => line.Contains("dotnet restore", StringComparison.Ordinal)) < Array.IndexOf(lines, "COPY src src"), "A change of code must not restore again.");
        Assert.All(["**/bin", "**/obj", ".git", "data"], path => Assert.Contains(path, System.IO.File.ReadAllLines(Path.Combine(Root, ".dockerignore"))));
    }

    /// <summary>A service's environment with compose's own variables filled in by their defaults.</summary>
    private static Dictionary<string, string> Environment(string service) => Map(Services[service], "environment").ToDictionary(
        pair => (string)pair.Key,
        pair => System.Text.RegularExpressions.Regex.Replace((string)pair.Value, @"\$\{\w+(:-(?<default>[^}]*)|:\?[^}]*)?\}", match => match.Groups["default"].Success ? match.Groups["default"].Value : "secret"));

    private static Dictionary<object, object> Map(Dictionary<object, object> from, string key) => from.TryGetValue(key, out var value) ? (Dictionary<object, object>)value : [];

    private static List<object> List(Dictionary<object, object> from, string key) => from.TryGetValue(key, out var value) ? (List<object>)value : [];

    private static Dictionary<object, object> Load()
    {
        using var text = System.IO.File.OpenText(Path.Combine(Root, "docker-compose.yml"));
        return new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text)));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "MlTr.Platform.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run from a folder outside the repository.");
        }

        return folder.FullName;
    }
}
