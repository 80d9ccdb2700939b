using Microsoft.AspNetCore.Components;

namespace MlTr.Dashboard.Shared;

/// <summary>What a reader could bookmark lives in the address.</summary>
internal static class QueryStrings
{
    /// <summary>Sets or (null or empty) removes parts of the query without leaving the page or filling the history.</summary>
    public static void SetQuery(this NavigationManager navigation, params (string Name, string? Value)[] parts) => navigation.NavigateTo(navigation.WithQuery(parts), replace: true);

    /// <summary>This page's address with parts of the query set or (null or empty) removed.</summary>
    public static string WithQuery(this NavigationManager navigation, params (string Name, string? Value)[] parts) =>
        navigation.GetUriWithQueryParameters(parts.ToDictionary(part => part.Name, part => string.IsNullOrEmpty(part.Value) ? null : (object?)part.Value));
}
