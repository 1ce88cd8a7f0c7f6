import java.util.spi.ToolProvider;

/** What the module is for. */
@Deprecated
open module com.example.shop {
    requires transitive java.logging;
    requires static com.example.tax;
    exports com.example.shop.api to com.example.web, com.example.desk;
    opens com.example.shop.model;
    uses java.util.spi.ToolProvider;
    provides ToolProvider with com.example.shop.Tool;
}
