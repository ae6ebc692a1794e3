package example;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.json.JsonMapper;

/** The routes of this application. */
@Component
public class Routes {
    private final JsonMapper json;

    /** What POST /sum takes. */
    record Numbers(List<Long> numbers) {}

    public Routes(JsonMapper json) {
        this.json = json;
    }

    /** Answers one request. */
    public APIGatewayV2HTTPResponse answer(APIGatewayV2HTTPEvent event) {
        String path = event.getRawPath();
        return switch (event.getRequestContext().getHttp().getMethod() + " " + path) {
            case "GET /" -> text(200, "text/plain; charset=utf-8", "Hello from Spring Cloud Function\n").build();
            case "POST /sum" -> sum(event);
            case "GET /old" -> text(302, "text/plain", "").withHeaders(Map.of("Location", "/")).build();
            case "GET /pixel.png" -> pixel();
            case String request when request.startsWith("GET /greet/") -> greet(event, UriUtils.decode(path.substring("/greet/".length()), StandardCharsets.UTF_8));
            default -> text(404, "text/plain", "There is nothing here\n").build();
        };
    }

    private APIGatewayV2HTTPResponse greet(APIGatewayV2HTTPEvent event, String name) {
        Map<String, Object> greeting = new LinkedHashMap<>();
        greeting.put("name", name);
        greeting.put("query", event.getQueryStringParameters());
        greeting.put("cookies", event.getCookies());
        return json(200, greeting)
                .withCookies(List.of("seen=yes; Path=/; HttpOnly", "times=1; Path=/"))
                .build();
    }

    private APIGatewayV2HTTPResponse sum(APIGatewayV2HTTPEvent event) {
        String body = event.getIsBase64Encoded()
                ? new String(Base64.getDecoder().decode(event.getBody()), StandardCharsets.UTF_8)
                : event.getBody();
        long sum = json.readValue(body, Numbers.class).numbers().stream().mapToLong(Long::longValue).sum();
        return json(201, Map.of("sum", sum)).build();
    }

    private static APIGatewayV2HTTPResponse pixel() {
        try (InputStream picture = Objects.requireNonNull(Routes.class.getResourceAsStream("/pixel.png"))) {
            return text(200, "image/png", Base64.getEncoder().encodeToString(picture.readAllBytes()))
                    .withIsBase64Encoded(true)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private APIGatewayV2HTTPResponse.APIGatewayV2HTTPResponseBuilder json(int status, Object body) {
        return text(status, "application/json", json.writeValueAsString(body));
    }

    private static APIGatewayV2HTTPResponse.APIGatewayV2HTTPResponseBuilder text(int status, String type, String body) {
        return APIGatewayV2HTTPResponse.builder()
                .withStatusCode(status)
                .withHeaders(Map.of("Content-Type", type))
                .withBody(body);
    }
}
