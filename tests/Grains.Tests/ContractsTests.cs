using System.Globalization;
using System.Reflection;
using System.Text;
using Orleans.Concurrency;

namespace MlTr.Grains.Tests;

/// <summary>
/// What goes over the wire between processes of one cluster, as text that is reviewed like code: aliases, ids and types. Processes of two versions
/// meet while a cluster is updated, and a changed meaning of an id would be read without an error.
/// </summary>
public sealed class ContractsTests
{
    private static readonly Assembly[] Assemblies = [typeof(MlTr.Abstractions.Client.IMlTrClient).Assembly, typeof(MlTr.Grains.GrainsHosting).Assembly];

    [Fact]
    public void Contracts_AreThoseOfTheFile()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "OrleansContracts.txt");
        var written = File.ReadAllText(file).ReplaceLineEndings("\n");
        var actual = Describe();

        if (written != actual)
        {
            File.WriteAllText(file + ".new", actual);
            var changed = written.Split('\n').Except(actual.Split('\n')).Select(line => "- " + line).Concat(actual.Split('\n').Except(written.Split('\n')).Select(line => "+ " + line));
            Assert.Fail($"The contracts are not those of OrleansContracts.txt. If every change is one that the other version can read, put {file}.new in its place:\n{string.Join('\n', changed)}");
        }
    }

    [Fact]
    public void Contracts_EveryTypeHasAnAliasOfItsOwn_AndNoIdTwice()
    {
        var types = Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => IsSerialised(type) || IsInterface(type)).ToList();

        Assert.Equal([], types.Where(type => !type.IsEnum && !type.GetCustomAttributes<AliasAttribute>().Any()).Select(type => type.FullName));
        Assert.Equal([], types.GroupBy(AliasOf).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.Equal([], types.Where(IsSerialised).Where(type => Members(type).GroupBy(member => member.Id).Any(same => same.Count() > 1)).Select(type => type.FullName));
    }

    private static string Describe()
    {
        var text = new StringBuilder();
        foreach (var type in Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => IsSerialised(type) || IsInterface(type)).OrderBy(AliasOf, StringComparer.Ordinal))
        {
            text.Append(AliasOf(type)).Append('\n');
            IEnumerable<string> lines = IsInterface(type)
                ? type.GetMethods().Select(Describe).Order(StringComparer.Ordinal)
                : type.IsEnum
                    ? Enum.GetNames(type).Select(name => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)} {name}"))
                    : Members(type).OrderBy(member => member.Id).Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Id} {member.Name}: {NameOf(member.Type)}"));
            foreach (var line in lines)
            {
                text.Append("  ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Describe(MethodInfo method) =>
        $"{method.GetCustomAttributes<AliasAttribute>().FirstOrDefault()?.Alias ?? method.Name}({string.Join(", ", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)))}): {NameOf(method.ReturnType)}{(method.GetCustomAttribute<OneWayAttribute>() is null ? "" : " one way")}";

    private static bool IsSerialised(Type type) => !IsGenerated(type) && (type.GetCustomAttribute<GenerateSerializerAttribute>() is not null || type is { IsEnum: true, IsPublic: true });

    private static bool IsInterface(Type type) => type.IsInterface && !IsGenerated(type) && typeof(IGrain).IsAssignableFrom(type);

    /// <summary>What Orleans' generator makes of the contracts is no contract.</summary>
    private static bool IsGenerated(Type type) => type.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is not null;

    private static string AliasOf(Type type) => type.GetCustomAttributes<AliasAttribute>().FirstOrDefault()?.Alias ?? type.FullName!;

    private static IEnumerable<(uint Id, string Name, Type Type)> Members(Type type) => type
        .GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Select(member => (member.GetCustomAttribute<IdAttribute>()?.Id, member.Name, Type: (member as PropertyInfo)?.PropertyType ?? (member as FieldInfo)?.FieldType))
        .Where(member => member is { Id: not null, Type: not null })
        .Select(member => (member.Id!.Value, member.Name, member.Type!));

    private static string NameOf(Type type) => type switch
    {
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>",
        { IsArray: true } => NameOf(type.GetElementType()!) + "[]",
        _ => type.GetCustomAttributes<AliasAttribute>().FirstOrDefault()?.Alias ?? type.Name,
    };
}
