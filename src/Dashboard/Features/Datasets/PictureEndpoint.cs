using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;

namespace MlTr.Dashboard.Features.Datasets;

/// <summary>Pictures for pages. A picture is asked for by its place in a split, never by a path, and comes as a small copy.</summary>
internal static class PictureEndpoint
{
    private const int UsualSide = 256;

    /// <summary>Where a picture of a dataset is served.</summary>
    public static string Href(string dataset, string split, int index, int side = UsualSide) =>
        FormattableString.Invariant($"/api/datasets/{Uri.EscapeDataString(dataset)}/pictures/{Uri.EscapeDataString(split)}/{index}?side={side}");

    public static void MapPictures(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/datasets/{dataset}/pictures/{split}/{index:int}", GetAsync);

    internal static async Task<IResult> GetAsync(string dataset, string split, int index, int? side, IMlTrClient client, HttpContext context)
    {
        try
        {
            var picture = await client.GetThumbnailAsync(dataset, split, index, Math.Clamp(side ?? UsualSide, PictureFile.MinSide, PictureFile.MaxSide));
            context.Response.Headers.CacheControl = "private, max-age=3600";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return Results.Bytes([.. picture.File], picture.MediaType);
        }
        catch (Exception error) when (error is KeyNotFoundException or DatasetContentsException)
        {
            return Results.Text(error.Message, statusCode: StatusCodes.Status404NotFound);
        }
    }
}
